-- The whole schema, as the migrations beside this file make it. Written by a test (SchemaTests), run by nothing.

create table account (
  account_id uuid not null,
  email text not null,
  name text not null,
  password_hash text not null,
  created_at timestamp with time zone not null,
  constraint account_pkey PRIMARY KEY (account_id),
  constraint account_email_check CHECK (((length(email) >= 3) AND (length(email) <= 254))),
  constraint account_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80)))
);
CREATE UNIQUE INDEX account_email ON account USING btree (lower(email));
grant insert, select on account to worker_app;
grant update (name) on account to worker_app;
grant update (password_hash) on account to worker_app;

create table answer_telling (
  one boolean default true not null,
  begun_at timestamp with time zone not null,
  walk_at timestamp with time zone not null,
  after_id uuid not null,
  told bigint not null,
  done_at timestamp with time zone,
  constraint answer_telling_pkey PRIMARY KEY (one),
  constraint answer_telling_one_check CHECK (one)
);
grant select, update on answer_telling to worker_app;

create table assignment (
  assignment_id uuid not null,
  worker_id uuid not null,
  job_id uuid not null,
  number integer not null,
  claimed_at timestamp with time zone not null,
  lease_until timestamp with time zone not null,
  terms_version integer not null,
  policy_version integer not null,
  reward_micros bigint not null,
  estimate_ms bigint not null,
  limit_ms bigint not null,
  reading_ms bigint not null,
  idle_ms bigint not null,
  earliest_submit_ms bigint not null,
  first_of_job boolean not null,
  active_ms bigint default 0 not null,
  last_contact_at timestamp with time zone not null,
  public_id uuid default gen_random_uuid(),
  constraint assignment_pkey PRIMARY KEY (assignment_id),
  constraint assignment_job_id_number_worker_id_key UNIQUE (job_id, number, worker_id),
  constraint assignment_job_id_number_fkey FOREIGN KEY (job_id, number) REFERENCES task(job_id, number),
  constraint assignment_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES worker(worker_id)
) with (fillfactor=80);
grant insert, select, update on assignment to worker_app;

create table assignment_end (
  assignment_id uuid not null,
  worker_id uuid not null,
  job_id uuid not null,
  "end" text not null,
  ended_at timestamp with time zone not null,
  active_ms bigint not null,
  asked_ms bigint default 0 not null,
  unseen_ms bigint default 0 not null,
  allowance_left_ms bigint not null,
  credited_ms bigint not null,
  allowance_used_ms bigint not null,
  pay_micros bigint not null,
  answer jsonb,
  next_assignment_id uuid,
  next_refusal text,
  sent_at timestamp with time zone default clock_timestamp() not null,
  entry_number bigint,
  settled_reward_micros bigint,
  settled_top_up_micros bigint,
  settled_pay_micros bigint,
  settled_credited_ms bigint,
  settled_allowance_used_ms bigint,
  settled_floor_micros_per_hour bigint,
  settled_policy_version integer,
  salt bytea,
  public_id uuid,
  entry_key bytea,
  constraint assignment_end_pkey PRIMARY KEY (assignment_id),
  constraint assignment_end_assignment_id_fkey FOREIGN KEY (assignment_id) REFERENCES assignment(assignment_id),
  constraint assignment_end_check CHECK ((("end" = 'submitted'::text) = (answer IS NOT NULL))),
  constraint assignment_end_end_check CHECK (("end" = ANY (ARRAY['submitted'::text, 'returned'::text, 'expired'::text, 'broken'::text])))
) with (fillfactor=70);
CREATE INDEX assignment_end_by_worker ON assignment_end USING btree (worker_id, ended_at);
CREATE INDEX assignment_end_unpaid ON assignment_end USING btree (sent_at) WHERE (entry_number IS NULL);
grant insert, select, update on assignment_end to worker_app;

create table balance (
  worker_id uuid not null,
  balance_micros bigint not null,
  version bigint not null,
  constraint balance_pkey PRIMARY KEY (worker_id)
);
grant insert, select, update on balance to worker_app;

create table data_protection_key (
  name text not null,
  xml text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint data_protection_key_pkey PRIMARY KEY (name)
);
grant insert, select on data_protection_key to worker_app;

create table job (
  job_id uuid not null,
  requester_id uuid,
  requester_name text,
  title text,
  instructions text,
  instruction_words integer,
  template jsonb,
  reward_micros bigint,
  estimate_ms bigint,
  time_limit_ms bigint,
  terms_version integer,
  wanted integer,
  announced_tasks integer,
  posted_at timestamp with time zone,
  funded bigint default 0 not null,
  worst_micros bigint,
  policy_version integer,
  opened bigint default 0 not null,
  tasks integer default 0 not null,
  closed_at timestamp with time zone,
  claims bigint,
  measured jsonb,
  measured_version bigint default 0 not null,
  measured_ms bigint,
  unopened bigint default 0 not null,
  constraint job_pkey PRIMARY KEY (job_id),
  constraint job_check CHECK (((opened >= 0) AND (opened <= funded))),
  constraint job_funded_check CHECK ((funded >= 0))
) with (fillfactor=70);
CREATE INDEX job_offered ON job USING btree (posted_at DESC) WHERE ((posted_at IS NOT NULL) AND (closed_at IS NULL) AND (policy_version IS NOT NULL));
grant insert, select, update on job to worker_app;

create table job_shown (
  job_id uuid not null,
  numbers integer[] not null,
  waits boolean not null,
  measured jsonb,
  constraint job_shown_pkey PRIMARY KEY (job_id),
  constraint job_shown_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(job_id)
);
grant delete, insert, select, update on job_shown to worker_app;

create table outbox (
  outbox_id bigint generated always as identity not null,
  event text not null,
  body jsonb not null,
  traceparent text,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint outbox_pkey PRIMARY KEY (outbox_id)
);
grant delete, insert, select, update on outbox to worker_app;

create table pay_policy (
  version integer not null,
  in_force_from timestamp with time zone not null,
  terms jsonb not null,
  constraint pay_policy_pkey PRIMARY KEY (version)
);
grant insert, select, update on pay_policy to worker_app;

create table payout (
  payout_id uuid not null,
  worker_id uuid not null,
  rail text not null,
  amount_micros bigint not null,
  state text not null,
  rank smallint not null,
  issued_at timestamp with time zone,
  changed_at timestamp with time zone not null,
  entry_number bigint not null,
  constraint payout_pkey PRIMARY KEY (payout_id),
  constraint payout_state_check CHECK ((state = ANY (ARRAY['issued'::text, 'settled'::text, 'failed'::text, 'returned'::text])))
);
CREATE INDEX payout_by_worker ON payout USING btree (worker_id, changed_at);
grant insert, select, update on payout to worker_app;

create table pseudonym (
  worker_id uuid not null,
  requester_id uuid not null,
  pseudonym uuid not null,
  constraint pseudonym_pkey PRIMARY KEY (worker_id, requester_id),
  constraint pseudonym_pseudonym_key UNIQUE (pseudonym),
  constraint pseudonym_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES worker(worker_id) ON DELETE CASCADE
);
grant delete, insert, select, update on pseudonym to worker_app;

create table publication (
  one boolean default true not null,
  step bigint not null,
  step_at timestamp with time zone not null,
  made_at timestamp with time zone not null,
  constraint publication_pkey PRIMARY KEY (one),
  constraint publication_one_check CHECK (one)
);
grant select, update on publication to worker_app;

create table session (
  session_id uuid not null,
  account_id uuid not null,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone not null,
  renewed_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint session_pkey PRIMARY KEY (session_id),
  constraint session_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(account_id)
);
CREATE INDEX session_account ON session USING btree (account_id);
grant insert, select on session to worker_app;
grant update (confirmed_at) on session to worker_app;
grant update (renewed_at) on session to worker_app;
grant update (revoked_at) on session to worker_app;

create table sign_in_try (
  email_hash bytea not null,
  tries integer not null,
  locked_until timestamp with time zone,
  last_at timestamp with time zone not null,
  constraint sign_in_try_pkey PRIMARY KEY (email_hash),
  constraint sign_in_try_email_hash_check CHECK ((length(email_hash) = 32)),
  constraint sign_in_try_tries_check CHECK ((tries >= 0))
);
CREATE INDEX sign_in_try_last ON sign_in_try USING btree (last_at);
grant delete, insert, select, update on sign_in_try to worker_app;

create table task (
  job_id uuid not null,
  number integer not null,
  is_open boolean not null,
  open smallint not null,
  unopened smallint not null,
  wanted smallint not null,
  input jsonb not null,
  constraint task_pkey PRIMARY KEY (job_id, number),
  constraint task_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(job_id),
  constraint task_check CHECK ((is_open = (open > 0))),
  constraint task_check1 CHECK (((open + unopened) <= wanted)),
  constraint task_open_check CHECK ((open >= 0)),
  constraint task_unopened_check CHECK ((unopened >= 0)),
  constraint task_wanted_check CHECK ((wanted > 0))
) with (fillfactor=90);
CREATE INDEX task_open ON task USING btree (job_id, number) WHERE is_open;
CREATE INDEX task_unopened ON task USING btree (job_id, ((wanted - unopened)), number) WHERE (unopened > 0);
grant insert, select, update on task to worker_app;

create table worker (
  worker_id uuid not null,
  assignment_id uuid,
  window_from timestamp with time zone not null,
  window_credited_ms bigint default 0 not null,
  window_submitted_ms bigint default 0 not null,
  window_allowance_used_ms bigint default 0 not null,
  session_tasks integer default 0 not null,
  session_pay_micros bigint default 0 not null,
  session_credited_ms bigint default 0 not null,
  created_at timestamp with time zone not null,
  constraint worker_pkey PRIMARY KEY (worker_id)
) with (fillfactor=50);
grant insert, select, update on worker to worker_app;

create table worker_job (
  worker_id uuid not null,
  job_id uuid not null,
  at_number integer not null,
  again boolean default false not null,
  seen_opened bigint default 0 not null,
  claims integer default 0 not null,
  submitted integer default 0 not null,
  constraint worker_job_pkey PRIMARY KEY (worker_id, job_id),
  constraint worker_job_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(job_id),
  constraint worker_job_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES worker(worker_id) ON DELETE CASCADE
) with (fillfactor=50);
grant insert, select, update on worker_job to worker_app;
