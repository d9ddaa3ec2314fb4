-- The ledger: entries of postings between accounts, append-only, double-entry. Debit is +, credit is -.
-- Its rules are held here and not only by the program: what the application's login may do is select and insert.

-- One row. Who writes entries locks it first (lock_ledger), so numbers have no gaps and their order is commit order.
create table ledger_head (
  id int primary key default 1 check (id = 1),
  last_number bigint not null default 0,
  last_at timestamptz not null default '-infinity',
  -- The transaction that holds the ledger, and the last number before it: its own entries are those after.
  writer xid8,
  opened_after bigint not null default 0,
  -- Key of the HMAC under which an entry's key is public.
  secret bytea not null check (length(secret) = 32)
) with (fillfactor = 50);

insert into ledger_head (secret)
values (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

create table account (
  account_id bigint generated always as identity primary key,
  -- The full name; a worker's sub-account carries the worker's id, and that name never leaves this database.
  name text not null unique,
  -- The name on pages, exports and leaves: for a worker's sub-account the control account.
  public_name text not null,
  kind text not null check (kind in ('bank', 'deposit', 'escrow', 'payable', 'in-transit', 'commons', 'fees', 'solidarity', 'shortfall')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  requester_id uuid,
  job_id uuid,
  worker_id uuid,
  -- Written by the trigger on posting alone.
  debits_micros bigint not null default 0 check (debits_micros >= 0),
  credits_micros bigint not null default 0 check (credits_micros >= 0),
  balance_micros bigint generated always as (debits_micros - credits_micros) stored,
  -- The last entry that moved the balance: a version that only grows.
  version bigint not null default 0,
  constraint account_owner check (
    (kind = 'deposit') = (requester_id is not null)
    and (kind = 'escrow') = (job_id is not null)
    and (kind in ('payable', 'in-transit')) = (worker_id is not null)),
  constraint bank_not_overdrawn check (kind <> 'bank' or debits_micros >= credits_micros),
  constraint deposit_not_overdrawn check (kind <> 'deposit' or debits_micros <= credits_micros),
  constraint escrow_not_overdrawn check (kind <> 'escrow' or debits_micros <= credits_micros),
  constraint payable_not_overdrawn check (kind <> 'payable' or debits_micros <= credits_micros),
  constraint in_transit_not_overdrawn check (kind <> 'in-transit' or debits_micros <= credits_micros),
  constraint commons_not_overdrawn check (kind <> 'commons' or debits_micros <= credits_micros),
  constraint expense_not_negative check (kind not in ('solidarity', 'shortfall') or debits_micros >= credits_micros)
) with (fillfactor = 50);

create unique index account_deposit on account (requester_id, currency) where kind = 'deposit';
create unique index account_escrow on account (job_id, currency) where kind = 'escrow';
create unique index account_worker on account (worker_id, kind, currency) where worker_id is not null;
create index account_kind on account (kind);

create table entry (
  number bigint primary key check (number > 0),
  -- The natural key of what happened: the same thing is never booked twice.
  key text not null,
  kind text not null check (kind in (
    'policy-adopted', 'deposit', 'job-funded', 'escrow-returned', 'assignment-paid',
    'payout-issued', 'payout-settled', 'payout-failed', 'payout-returned')),
  at timestamptz not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  job_id uuid,
  -- SHA-256(salt, 0x00, worker id, key): a worker's public name in this one entry.
  commitment bytea check (length(commitment) = 32),
  -- An entry that this one corrects.
  corrects bigint references entry,
  constraint entry_once unique (key),
  constraint entry_of_a_job check ((kind in ('job-funded', 'escrow-returned', 'assignment-paid')) = (job_id is not null)),
  constraint entry_of_a_worker check (
    (kind in ('assignment-paid', 'payout-issued', 'payout-settled', 'payout-failed', 'payout-returned')) = (commitment is not null))
);

-- Entries newest first: by the primary key, of a kind (nearly all are pay: those need no index), of a job, up to a date
-- (at never falls with the number).
create index entry_rare_kind on entry (kind, number) where kind <> 'assignment-paid';
create index entry_job on entry (job_id, number) where job_id is not null;
create index entry_at on entry (at, number);

-- The salts that open commitments. Deleting one is erasure: the public entry then says nobody.
create table salt (
  entry_number bigint primary key,
  worker_id uuid not null,
  salt bytea not null check (length(salt) = 32)
);

create index salt_worker on salt (worker_id);

-- Entry and account are checked by the trigger, once a statement instead of once a row.
create table posting (
  entry_number bigint not null,
  account_id bigint not null,
  amount_micros bigint not null check (amount_micros <> 0),
  primary key (entry_number, account_id)
);

create index posting_account on posting (account_id, entry_number);

-- Locks the ledger to the end of the transaction; whoever writes entries calls it first, after its other locks.
create function lock_ledger(out last_number bigint, out last_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
  update ledger_head h
  set opened_after = case when h.writer = pg_current_xact_id() then h.opened_after else h.last_number end,
      writer = pg_current_xact_id()
  returning h.last_number, h.last_at into lock_ledger.last_number, lock_ledger.last_at;
end
$$;

create function number_entries() returns trigger
language plpgsql security definer set search_path = pg_catalog, public
as $$
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
$$;

create trigger number_entries after insert on entry
referencing new table as new_entry
for each statement execute function number_entries();

-- By index alone, and of the entries only those of this transaction: a merge join would walk all there ever were, a hash
-- join all accounts, each time.
create function apply_postings() returns trigger
language plpgsql security definer set search_path = pg_catalog, public
  set enable_mergejoin = off set enable_hashjoin = off set enable_seqscan = off set jit = off
as $$
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
$$;

create trigger apply_postings after insert on posting
referencing new table as new_posting
for each statement execute function apply_postings();

create function refuse_change() returns trigger
language plpgsql
as $$
begin
  raise exception '% only grows: a correction is a new entry', tg_table_name using errcode = 'LG000';
end
$$;

create trigger only_grows before update or delete or truncate on entry
for each statement execute function refuse_change();

create trigger only_grows before update or delete or truncate on posting
for each statement execute function refuse_change();

create trigger only_grows before delete or truncate on account
for each statement execute function refuse_change();

create trigger only_grows before delete or truncate on ledger_head
for each statement execute function refuse_change();

revoke all on function lock_ledger() from public;
grant execute on function lock_ledger() to payment_app;
grant select on ledger_head, account, entry, posting to payment_app;
grant insert (name, public_name, kind, currency, requester_id, job_id, worker_id) on account to payment_app;
grant insert on entry, posting to payment_app;
grant select, insert, delete on salt to payment_app;
