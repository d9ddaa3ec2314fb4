-- The whole schema, as the migrations beside this file make it. Written by a test (SchemaTests), run by nothing.

create table account (
  account_id bigint generated always as identity not null,
  name text not null,
  public_name text not null,
  kind text not null,
  currency text not null,
  requester_id uuid,
  job_id uuid,
  worker_id uuid,
  debits_micros bigint default 0 not null,
  credits_micros bigint default 0 not null,
  balance_micros bigint generated always as ((debits_micros - credits_micros)) stored,
  version bigint default 0 not null,
  constraint account_pkey PRIMARY KEY (account_id),
  constraint account_name_key UNIQUE (name),
  constraint account_credits_micros_check CHECK ((credits_micros >= 0)),
  constraint account_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint account_debits_micros_check CHECK ((debits_micros >= 0)),
  constraint account_kind_check CHECK ((kind = ANY (ARRAY['bank'::text, 'deposit'::text, 'escrow'::text, 'payable'::text, 'in-transit'::text, 'commons'::text, 'fees'::text, 'solidarity'::text, 'shortfall'::text]))),
  constraint account_owner CHECK ((((kind = 'deposit'::text) = (requester_id IS NOT NULL)) AND ((kind = 'escrow'::text) = (job_id IS NOT NULL)) AND ((kind = ANY (ARRAY['payable'::text, 'in-transit'::text])) = (worker_id IS NOT NULL)))),
  constraint bank_not_overdrawn CHECK (((kind <> 'bank'::text) OR (debits_micros >= credits_micros))),
  constraint commons_not_overdrawn CHECK (((kind <> 'commons'::text) OR (debits_micros <= credits_micros))),
  constraint deposit_not_overdrawn CHECK (((kind <> 'deposit'::text) OR (debits_micros <= credits_micros))),
  constraint escrow_not_overdrawn CHECK (((kind <> 'escrow'::text) OR (debits_micros <= credits_micros))),
  constraint expense_not_negative CHECK (((kind <> ALL (ARRAY['solidarity'::text, 'shortfall'::text])) OR (debits_micros >= credits_micros))),
  constraint in_transit_not_overdrawn CHECK (((kind <> 'in-transit'::text) OR (debits_micros <= credits_micros))),
  constraint payable_not_overdrawn CHECK (((kind <> 'payable'::text) OR (debits_micros <= credits_micros)))
) with (fillfactor=50);
CREATE UNIQUE INDEX account_deposit ON account USING btree (requester_id, currency) WHERE (kind = 'deposit'::text);
CREATE UNIQUE INDEX account_escrow ON account USING btree (job_id, currency) WHERE (kind = 'escrow'::text);
CREATE INDEX account_kind ON account USING btree (kind);
CREATE UNIQUE INDEX account_worker ON account USING btree (worker_id, kind, currency) WHERE (worker_id IS NOT NULL);
CREATE TRIGGER only_grows BEFORE DELETE OR TRUNCATE ON account FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant select on account to payment_app;
grant insert (currency) on account to payment_app;
grant insert (job_id) on account to payment_app;
grant insert (kind) on account to payment_app;
grant insert (name) on account to payment_app;
grant insert (public_name) on account to payment_app;
grant insert (requester_id) on account to payment_app;
grant insert (worker_id) on account to payment_app;

create table data_protection_key (
  name text not null,
  xml text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint data_protection_key_pkey PRIMARY KEY (name)
);
grant insert, select on data_protection_key to payment_app;

create table deposit (
  entry_number bigint not null,
  requester_id uuid not null,
  rail text not null,
  reference text not null,
  amount_micros bigint not null,
  at timestamp with time zone not null,
  constraint deposit_pkey PRIMARY KEY (entry_number),
  constraint deposit_rail_reference_key UNIQUE (rail, reference),
  constraint deposit_entry_number_fkey FOREIGN KEY (entry_number) REFERENCES entry(number),
  constraint deposit_amount_micros_check CHECK ((amount_micros > 0))
);
CREATE INDEX deposit_requester ON deposit USING btree (requester_id, entry_number);
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON deposit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on deposit to payment_app;

create table entry (
  number bigint not null,
  key text not null,
  kind text not null,
  at timestamp with time zone not null,
  currency text not null,
  job_id uuid,
  commitment bytea,
  corrects bigint,
  constraint entry_pkey PRIMARY KEY (number),
  constraint entry_once UNIQUE (key),
  constraint entry_corrects_fkey FOREIGN KEY (corrects) REFERENCES entry(number),
  constraint entry_commitment_check CHECK ((length(commitment) = 32)),
  constraint entry_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint entry_kind_check CHECK ((kind = ANY (ARRAY['policy-adopted'::text, 'deposit'::text, 'job-funded'::text, 'escrow-returned'::text, 'assignment-paid'::text, 'payout-issued'::text, 'payout-settled'::text, 'payout-failed'::text, 'payout-returned'::text]))),
  constraint entry_number_check CHECK ((number > 0)),
  constraint entry_of_a_job CHECK (((kind = ANY (ARRAY['job-funded'::text, 'escrow-returned'::text, 'assignment-paid'::text])) = (job_id IS NOT NULL))),
  constraint entry_of_a_worker CHECK (((kind = ANY (ARRAY['assignment-paid'::text, 'payout-issued'::text, 'payout-settled'::text, 'payout-failed'::text, 'payout-returned'::text])) = (commitment IS NOT NULL)))
);
CREATE INDEX entry_at ON entry USING btree (at, number);
CREATE INDEX entry_rare_kind ON entry USING btree (kind, number) WHERE (kind <> 'assignment-paid'::text);
CREATE INDEX entry_rare_of_job ON entry USING btree (job_id, kind, number) WHERE ((job_id IS NOT NULL) AND (kind <> 'assignment-paid'::text));
CREATE TRIGGER number_entries AFTER INSERT ON entry REFERENCING NEW TABLE AS new_entry FOR EACH STATEMENT EXECUTE FUNCTION number_entries();
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on entry to payment_app;

create table hourly_pay (
  floor_micros_per_hour bigint not null,
  hundredths integer not null,
  lifted boolean not null,
  assignments bigint not null,
  credited_ms bigint not null,
  constraint hourly_pay_pkey PRIMARY KEY (floor_micros_per_hour, hundredths, lifted),
  constraint hourly_pay_hundredths_check CHECK (((hundredths >= 0) AND (hundredths <= 100000)))
) with (fillfactor=50);
grant insert, select, update on hourly_pay to payment_app;

create table hourly_pay_counted (
  id integer default 1 not null,
  entry_number bigint default 0 not null,
  constraint hourly_pay_counted_pkey PRIMARY KEY (id),
  constraint hourly_pay_counted_id_check CHECK ((id = 1))
) with (fillfactor=50);
grant select, update on hourly_pay_counted to payment_app;

create table hourly_pay_person (
  worker_id uuid not null,
  bars integer not null,
  constraint hourly_pay_person_pkey PRIMARY KEY (worker_id)
) with (fillfactor=70);
grant insert, select, update on hourly_pay_person to payment_app;

create table idempotency_key (
  actor uuid not null,
  key text not null,
  request_hash bytea not null,
  response jsonb,
  at timestamp with time zone default clock_timestamp() not null,
  constraint idempotency_key_pkey PRIMARY KEY (actor, key)
);
grant insert, select, update on idempotency_key to payment_app;

create table job (
  job_id uuid not null,
  requester_id uuid,
  requester_name text,
  title text,
  posted_at timestamp with time zone,
  terms_version integer,
  reward_micros bigint,
  estimate_ms bigint,
  limit_ms bigint,
  reading_ms bigint,
  policy_version integer,
  worst_micros bigint,
  refused_why text,
  budget_total_micros bigint default 0 not null,
  budget_booked_micros bigint default 0 not null,
  ended bigint default 0 not null,
  funded bigint default 0 not null,
  claims bigint,
  finished_at timestamp with time zone,
  measured_version bigint default 0 not null,
  measured_entry bigint default 0 not null,
  looked_at bigint default 0 not null,
  constraint job_pkey PRIMARY KEY (job_id),
  constraint job_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES policy(version),
  constraint job_check CHECK ((budget_booked_micros <= budget_total_micros)),
  constraint job_terms_or_refusal CHECK (((refused_why IS NULL) OR (worst_micros IS NULL))),
  constraint job_terms_whole CHECK ((num_nulls(reward_micros, estimate_ms, limit_ms, reading_ms, policy_version, worst_micros) = ANY (ARRAY[0, 6])))
) with (fillfactor=70);
grant insert, select, update on job to payment_app;

create table job_to_measure (
  job_id uuid not null,
  constraint job_to_measure_pkey PRIMARY KEY (job_id)
);
grant delete, insert, select, update on job_to_measure to payment_app;

create table ledger_head (
  id integer default 1 not null,
  last_number bigint default 0 not null,
  last_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
  writer xid8,
  opened_after bigint default 0 not null,
  secret bytea not null,
  constraint ledger_head_pkey PRIMARY KEY (id),
  constraint ledger_head_id_check CHECK ((id = 1)),
  constraint ledger_head_secret_check CHECK ((length(secret) = 32))
) with (fillfactor=50);
CREATE TRIGGER only_grows BEFORE DELETE OR TRUNCATE ON ledger_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant select on ledger_head to payment_app;

create table log_checkpoint (
  size bigint not null,
  root bytea not null,
  note text not null,
  at timestamp with time zone not null,
  written_at timestamp with time zone default clock_timestamp() not null,
  leaf_version smallint not null,
  constraint log_checkpoint_pkey PRIMARY KEY (size),
  constraint log_checkpoint_root_check CHECK ((length(root) = 32)),
  constraint log_checkpoint_size_check CHECK ((size >= 0))
);
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON log_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on log_checkpoint to payment_app;

create table log_cosignature (
  size bigint not null,
  witness text not null,
  line text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint log_cosignature_pkey PRIMARY KEY (size, witness),
  constraint log_cosignature_size_fkey FOREIGN KEY (size) REFERENCES log_checkpoint(size)
);
CREATE INDEX log_cosignature_witness ON log_cosignature USING btree (witness, size);
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON log_cosignature FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on log_cosignature to payment_app;

create table log_handover (
  old_key text not null,
  new_key text not null,
  note text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint log_handover_pkey PRIMARY KEY (old_key)
);
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON log_handover FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on log_handover to payment_app;

create table log_leaf_version (
  version smallint not null,
  first_number bigint not null,
  constraint log_leaf_version_pkey PRIMARY KEY (version),
  constraint log_leaf_version_first_number_key UNIQUE (first_number),
  constraint log_leaf_version_first_number_check CHECK ((first_number > 0)),
  constraint log_leaf_version_version_check CHECK ((version > 1))
);
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON log_leaf_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on log_leaf_version to payment_app;

create table log_node (
  level smallint not null,
  index bigint not null,
  hash bytea not null,
  constraint log_node_pkey PRIMARY KEY (level, index),
  constraint log_node_hash_check CHECK ((length(hash) = 32)),
  constraint log_node_index_check CHECK ((index >= 0)),
  constraint log_node_level_check CHECK (((level >= 0) AND (level <= 5)))
);
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON log_node FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on log_node to payment_app;

create table outbox (
  outbox_id bigint generated always as identity not null,
  event text not null,
  body jsonb not null,
  traceparent text,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint outbox_pkey PRIMARY KEY (outbox_id)
);
grant delete, insert, select, update on outbox to payment_app;

create table pay_period (
  unit text not null,
  start date not null,
  assignments bigint not null,
  reward_micros bigint not null,
  top_up_micros bigint not null,
  fee_micros bigint not null,
  levy_micros bigint not null,
  people bigint not null,
  constraint pay_period_pkey PRIMARY KEY (unit, start),
  constraint pay_period_unit_check CHECK ((unit = ANY (ARRAY['day'::text, 'month'::text])))
) with (fillfactor=50);
grant insert, select, update on pay_period to payment_app;

create table pay_period_person (
  unit text not null,
  start date not null,
  worker_id uuid not null,
  constraint pay_period_person_pkey PRIMARY KEY (unit, start, worker_id)
);
grant insert, select on pay_period_person to payment_app;

create table payout (
  payout_id uuid not null,
  worker_id uuid not null,
  rail text not null,
  destination text not null,
  amount_micros bigint not null,
  issued_at timestamp with time zone not null,
  constraint payout_pkey PRIMARY KEY (payout_id),
  constraint payout_amount_micros_check CHECK (((amount_micros > 0) AND ((amount_micros % (10000)::bigint) = 0)))
);
CREATE INDEX payout_issued ON payout USING btree (issued_at, payout_id);
CREATE INDEX payout_worker ON payout USING btree (worker_id, issued_at);
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON payout FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on payout to payment_app;

create table payout_hold (
  held_at timestamp with time zone not null,
  why text not null,
  lifted_at timestamp with time zone,
  constraint payout_hold_pkey PRIMARY KEY (held_at)
);
grant insert, select on payout_hold to payment_app;
grant update (lifted_at) on payout_hold to payment_app;

create table payout_open (
  payout_id uuid not null,
  ask_at timestamp with time zone not null,
  released boolean default false not null,
  constraint payout_open_pkey PRIMARY KEY (payout_id),
  constraint payout_open_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES payout(payout_id)
);
CREATE INDEX payout_open_due ON payout_open USING btree (ask_at);
grant delete, insert, select, update on payout_open to payment_app;

create table payout_step (
  payout_id uuid not null,
  rank integer not null,
  state text not null,
  entry_number bigint not null,
  at timestamp with time zone not null,
  why text,
  constraint payout_step_pkey PRIMARY KEY (payout_id, rank),
  constraint payout_step_entry_number_key UNIQUE (entry_number),
  constraint payout_step_entry_number_fkey FOREIGN KEY (entry_number) REFERENCES entry(number),
  constraint payout_step_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES payout(payout_id),
  constraint payout_step_check CHECK ((((((rank = 1) AND (state = 'issued'::text)) OR ((rank = 2) AND (state = 'settled'::text))) OR ((rank = 2) AND (state = 'failed'::text))) OR ((rank = 3) AND (state = 'returned'::text))))
);
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON payout_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on payout_step to payment_app;

create table pending_end (
  assignment_id uuid not null,
  job_id uuid not null,
  body jsonb not null,
  constraint pending_end_pkey PRIMARY KEY (assignment_id)
);
CREATE INDEX pending_end_job ON pending_end USING btree (job_id);
grant delete, insert, select on pending_end to payment_app;

create table policy (
  version integer not null,
  entry_number bigint not null,
  adopted_at timestamp with time zone not null,
  in_force_from timestamp with time zone not null,
  floor_micros_per_hour bigint not null,
  fee_bps integer not null,
  levy_bps integer not null,
  limit_least_ms bigint not null,
  limit_factor integer not null,
  reading_per_word_ms bigint not null,
  reading_most_ms bigint not null,
  lease_least_ms bigint not null,
  earliest_submit_divisor integer not null,
  idle_least_ms bigint not null,
  idle_most_ms bigint not null,
  allowance_base_ms bigint not null,
  allowance_share_bps integer not null,
  grace_ms bigint not null,
  most_credited_in24h_ms bigint not null,
  price_sample integer not null,
  price_workers integer not null,
  price_band_bps integer not null,
  price_step_bps integer not null,
  job_life_ms bigint not null,
  constraint policy_pkey PRIMARY KEY (version),
  constraint policy_entry_number_key UNIQUE (entry_number),
  constraint policy_entry_number_fkey FOREIGN KEY (entry_number) REFERENCES entry(number),
  constraint policy_allowance_base_ms_check CHECK ((allowance_base_ms >= 0)),
  constraint policy_allowance_share_bps_check CHECK (((allowance_share_bps >= 0) AND (allowance_share_bps <= 10000))),
  constraint policy_check CHECK ((idle_most_ms >= idle_least_ms)),
  constraint policy_earliest_submit_divisor_check CHECK ((earliest_submit_divisor > 0)),
  constraint policy_fee_bps_check CHECK (((fee_bps >= 0) AND (fee_bps <= 10000))),
  constraint policy_floor_micros_per_hour_check CHECK ((floor_micros_per_hour > 0)),
  constraint policy_grace_ms_check CHECK ((grace_ms >= 0)),
  constraint policy_idle_least_ms_check CHECK ((idle_least_ms > 0)),
  constraint policy_job_life_ms_check CHECK ((job_life_ms > 0)),
  constraint policy_lease_least_ms_check CHECK ((lease_least_ms > 0)),
  constraint policy_levy_bps_check CHECK (((levy_bps >= 0) AND (levy_bps <= 10000))),
  constraint policy_limit_factor_check CHECK ((limit_factor > 0)),
  constraint policy_limit_least_ms_check CHECK ((limit_least_ms > 0)),
  constraint policy_most_credited_in24h_ms_check CHECK ((most_credited_in24h_ms > 0)),
  constraint policy_price_band_bps_check CHECK (((price_band_bps >= 0) AND (price_band_bps <= 10000))),
  constraint policy_price_sample_check CHECK ((price_sample > 0)),
  constraint policy_price_step_bps_check CHECK ((price_step_bps >= 10000)),
  constraint policy_price_workers_check CHECK ((price_workers > 0)),
  constraint policy_reading_most_ms_check CHECK ((reading_most_ms >= 0)),
  constraint policy_reading_per_word_ms_check CHECK ((reading_per_word_ms >= 0)),
  constraint policy_version_check CHECK ((version > 0))
);
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON policy FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on policy to payment_app;

create table posting (
  entry_number bigint not null,
  account_id bigint not null,
  amount_micros bigint not null,
  constraint posting_pkey PRIMARY KEY (entry_number, account_id),
  constraint posting_amount_micros_check CHECK ((amount_micros <> 0))
);
CREATE INDEX posting_account ON posting USING btree (account_id, entry_number);
CREATE TRIGGER apply_postings AFTER INSERT ON posting REFERENCING NEW TABLE AS new_posting FOR EACH STATEMENT EXECUTE FUNCTION apply_postings();
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON posting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on posting to payment_app;

create table public_entry (
  number bigint not null,
  entry_number bigint not null,
  key bytea not null,
  kind text not null,
  job_id uuid,
  batch bigint,
  facts bytea,
  constraint public_entry_pkey PRIMARY KEY (number),
  constraint public_entry_entry_number_key UNIQUE (entry_number),
  constraint public_entry_key_key UNIQUE (key),
  constraint public_entry_entry_number_fkey FOREIGN KEY (entry_number) REFERENCES entry(number),
  constraint public_entry_check CHECK (((batch >= 0) AND (batch <= (number - 1)))),
  constraint public_entry_facts_check CHECK ((length(facts) = 32)),
  constraint public_entry_key_check CHECK ((length(key) = 32)),
  constraint public_entry_number_check CHECK ((number > 0))
);
CREATE INDEX public_entry_of_job ON public_entry USING btree (job_id, number) WHERE (job_id IS NOT NULL);
CREATE INDEX public_entry_rare_kind ON public_entry USING btree (kind, number) WHERE (kind <> 'assignment-paid'::text);
CREATE INDEX public_entry_rare_of_job ON public_entry USING btree (job_id, kind, number) WHERE ((job_id IS NOT NULL) AND (kind <> 'assignment-paid'::text));
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on public_entry to payment_app;

create table publication (
  one boolean default true not null,
  step bigint not null,
  step_at timestamp with time zone not null,
  made_at timestamp with time zone not null,
  target bigint default 0 not null,
  constraint publication_pkey PRIMARY KEY (one),
  constraint publication_one_check CHECK (one)
);
grant select, update on publication to payment_app;

create table salt (
  entry_number bigint not null,
  worker_id uuid not null,
  salt bytea not null,
  constraint salt_pkey PRIMARY KEY (entry_number),
  constraint salt_salt_check CHECK ((length(salt) = 32))
);
CREATE INDEX salt_worker ON salt USING btree (worker_id);
grant delete, insert, select on salt to payment_app;

create table settlement (
  entry_number bigint not null,
  assignment_id uuid not null,
  job_id uuid not null,
  worker_id uuid not null,
  ended text not null,
  terms_version integer not null,
  policy_version integer not null,
  claimed_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  active_ms bigint not null,
  unseen_ms bigint not null,
  allowance_left_ms bigint not null,
  first_of_job boolean not null,
  reward_micros bigint not null,
  limit_ms bigint not null,
  reading_ms bigint not null,
  floor_micros_per_hour bigint not null,
  credited_ms bigint not null,
  allowance_used_ms bigint not null,
  owed_micros bigint not null,
  counted_micros bigint not null,
  top_up_micros bigint not null,
  pay_micros bigint not null,
  fee_micros bigint not null,
  levy_micros bigint not null,
  charged_micros bigint not null,
  shortfall_micros bigint not null,
  balance_micros bigint not null,
  balance_version bigint not null,
  constraint settlement_pkey PRIMARY KEY (entry_number),
  constraint settlement_entry_number_fkey FOREIGN KEY (entry_number) REFERENCES entry(number),
  constraint never_below_the_floor CHECK (((pay_micros >= owed_micros) AND (((owed_micros)::numeric * (3600000)::numeric) >= ((floor_micros_per_hour)::numeric * (credited_ms)::numeric)))),
  constraint pay_adds_up CHECK (((pay_micros = (counted_micros + top_up_micros)) AND (charged_micros = ((pay_micros + fee_micros) + levy_micros)))),
  constraint settlement_active_ms_check CHECK ((active_ms >= 0)),
  constraint settlement_allowance_left_ms_check CHECK ((allowance_left_ms >= 0)),
  constraint settlement_allowance_used_ms_check CHECK ((allowance_used_ms >= 0)),
  constraint settlement_credited_ms_check CHECK ((credited_ms >= 0)),
  constraint settlement_ended_check CHECK ((ended = ANY (ARRAY['submitted'::text, 'returned'::text, 'expired'::text, 'broken'::text]))),
  constraint settlement_fee_micros_check CHECK ((fee_micros >= 0)),
  constraint settlement_levy_micros_check CHECK ((levy_micros >= 0)),
  constraint settlement_shortfall_micros_check CHECK ((shortfall_micros >= 0)),
  constraint settlement_top_up_micros_check CHECK ((top_up_micros >= 0)),
  constraint settlement_unseen_ms_check CHECK ((unseen_ms >= 0))
);
CREATE INDEX settlement_of_job ON settlement USING btree (job_id, entry_number);
CREATE TRIGGER only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON settlement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on settlement to payment_app;

CREATE OR REPLACE FUNCTION public.apply_postings()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
 SET enable_mergejoin TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_seqscan TO 'off'
 SET jit TO 'off'
AS $function$
declare
  head ledger_head;
  wrong record;
  money record;
begin
  select * into head from ledger_head;
  if head.writer is distinct from pg_current_xact_id() then
    raise exception 'postings are written with the ledger locked: call lock_ledger() first' using errcode = 'LG001';
  end if;

  select entry_number into wrong
  from new_posting where entry_number <= head.opened_after or entry_number > head.last_number
  limit 1;
  if found then
    raise exception 'entry % is not of this transaction: nothing is added to it', wrong.entry_number using errcode = 'LG004';
  end if;

  select entry_number, sum(amount_micros) as total into wrong
  from new_posting
  group by entry_number
  having sum(amount_micros) <> 0;
  if found then
    raise exception 'entry % does not balance: its postings sum to %', wrong.entry_number, wrong.total using errcode = 'LG006';
  end if;

  select min(currency) as one, max(currency) as other into money
  from entry where number > head.opened_after and number <= head.last_number;
  if money.one <> money.other then
    raise exception 'the entries of a transaction are in one currency, not in % and %', money.one, money.other using errcode = 'LG005';
  end if;
  select p.entry_number into wrong
  from new_posting p
  left join account a on a.account_id = p.account_id
  where a.currency is distinct from money.one;
  if found then
    raise exception 'entry % in % has a posting to no account of that currency', wrong.entry_number, money.one using errcode = 'LG005';
  end if;

  update account a
  set debits_micros = a.debits_micros + s.debits,
      credits_micros = a.credits_micros + s.credits,
      version = s.last
  from (
    select account_id, max(entry_number) as last,
      coalesce(sum(amount_micros) filter (where amount_micros > 0), 0) as debits,
      coalesce(-sum(amount_micros) filter (where amount_micros < 0), 0) as credits
    from new_posting
    group by account_id) s
  where a.account_id = s.account_id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.lock_ledger(OUT last_number bigint, OUT last_at timestamp with time zone)
 RETURNS record
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
begin
  update ledger_head h
  set opened_after = case when h.writer = pg_current_xact_id() then h.opened_after else h.last_number end,
      writer = pg_current_xact_id()
  returning h.last_number, h.last_at into lock_ledger.last_number, lock_ledger.last_at;
end
$function$;

CREATE OR REPLACE FUNCTION public.number_entries()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
declare
  head ledger_head;
  added record;
begin
  select * into head from ledger_head;
  if head.writer is distinct from pg_current_xact_id() then
    raise exception 'entries are written with the ledger locked: call lock_ledger() first' using errcode = 'LG001';
  end if;

  select count(*) as entries, min(number) as first, max(number) as last, min(at) as earliest, max(at) as latest,
    bool_or(at < before) as falls
  into added
  from (select number, at, lag(at) over (order by number) as before from new_entry) e;
  if added.entries = 0 then
    return null;
  end if;

  if added.first <> head.last_number + 1 or added.last <> head.last_number + added.entries then
    raise exception 'entry numbers have no gaps: the next is %', head.last_number + 1 using errcode = 'LG002';
  end if;
  if added.falls or added.earliest < head.last_at then
    raise exception 'the time of an entry is not before that of the entry before it (%)', head.last_at using errcode = 'LG003';
  end if;

  update ledger_head set last_number = added.last, last_at = added.latest;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% only grows: a correction is a new entry', tg_table_name using errcode = 'LG000';
end
$function$;
