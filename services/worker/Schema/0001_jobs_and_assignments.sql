-- Money in micro-units, times in milliseconds. Instants come from the service's clock, except where a default says otherwise:
-- those are ages of messages and use real time.

-- Every policy ever adopted, as it was announced.
create table pay_policy (
  version int primary key,
  in_force_from timestamptz not null,
  terms jsonb not null
);

-- A job is one row from the first event that names it; what is not known yet is null. Claimable once its terms (posted_at)
-- and its funding with that policy version are known.
create table job (
  job_id uuid primary key,

  -- job-posted
  requester_id uuid,
  requester_name text,
  title text,
  instructions text,
  instruction_words int,
  template jsonb,
  reward_micros bigint,
  estimate_ms bigint,
  time_limit_ms bigint,
  terms_version int,
  wanted int,
  announced_tasks int,
  posted_at timestamptz,

  -- job-funded
  funded bigint not null default 0 check (funded >= 0),
  worst_micros bigint,
  policy_version int,

  -- Slots ever opened, re-openings too; less those closed unclaimed when the job closed. Claims made <= opened <= funded.
  opened bigint not null default 0 check (opened >= 0 and opened <= funded),
  tasks int not null default 0,

  -- job-closed; claims is how many were ever made, once no slot is open.
  closed_at timestamptz,
  claims bigint,

  -- job-measured: the event as it came
  measured jsonb,
  measured_version bigint not null default 0,
  measured_ms bigint
) with (fillfactor = 70);

-- A task of a job. A slot is one answer wanted: unopened (waits for money), open (can be claimed), or claimed.
create table task (
  job_id uuid not null references job,
  number int not null,
  is_open bool not null,
  open smallint not null check (open >= 0),
  unopened smallint not null check (unopened >= 0),
  wanted smallint not null check (wanted > 0),
  input jsonb not null,
  primary key (job_id, number),
  check (is_open = (open > 0)),
  check (open + unopened <= wanted)
) with (fillfactor = 90);

-- The claim walks this one. On the flag, so that a claim which leaves the task open is a HOT update.
create index task_open on task (job_id, number) where is_open;

-- Opening walks this one: breadth first, one answer of each task before the second of any.
create index task_unopened on task (job_id, (wanted - unopened), number) where unopened > 0;

-- A person at work. Claim and end lock this row first. The window_ sums are of the ends in the last 24 hours; ends up to
-- window_from are taken out of them already. The session_ sums count since the last claim from a page of jobs.
create table worker (
  worker_id uuid primary key,
  assignment_id uuid,
  window_from timestamptz not null,
  window_credited_ms bigint not null default 0,
  window_submitted_ms bigint not null default 0,
  window_allowance_used_ms bigint not null default 0,
  session_tasks int not null default 0,
  session_pay_micros bigint not null default 0,
  session_credited_ms bigint not null default 0,
  created_at timestamptz not null
) with (fillfactor = 50);

-- Where a worker is in a job's tasks. The first walk starts behind a random number; later ones (again) start from the front,
-- and seen_opened is what the job had opened when that walk began.
create table worker_job (
  worker_id uuid not null references worker on delete cascade,
  job_id uuid not null references job,
  at_number int not null,
  again bool not null default false,
  seen_opened bigint not null default 0,
  claims int not null default 0,
  submitted int not null default 0,
  primary key (worker_id, job_id)
) with (fillfactor = 50);

-- A worker's name towards one requester. Deleting the row deletes the link.
create table pseudonym (
  worker_id uuid not null references worker on delete cascade,
  requester_id uuid not null,
  pseudonym uuid not null unique,
  primary key (worker_id, requester_id)
);

-- A claim, with everything that its pay will depend on fixed at the claim. Open until it has a row in assignment_end.
create table assignment (
  assignment_id uuid primary key,
  worker_id uuid not null references worker,
  job_id uuid not null,
  number int not null,
  claimed_at timestamptz not null,
  lease_until timestamptz not null,
  terms_version int not null,
  policy_version int not null,
  reward_micros bigint not null,
  estimate_ms bigint not null,
  limit_ms bigint not null,
  reading_ms bigint not null,
  idle_ms bigint not null,
  earliest_submit_ms bigint not null,
  first_of_job bool not null,
  active_ms bigint not null default 0,
  last_contact_at timestamptz not null,
  unique (job_id, number, worker_id),
  foreign key (job_id, number) references task (job_id, number)
) with (fillfactor = 80);

-- How an assignment ended, once; then what payment settled it at. credited_ms and allowance_used_ms are this service's own
-- sums by the same rule, settled_ are payment's.
create table assignment_end (
  assignment_id uuid primary key references assignment,
  worker_id uuid not null,
  job_id uuid not null,
  "end" text not null check ("end" in ('submitted', 'returned', 'expired', 'broken')),
  ended_at timestamptz not null,
  active_ms bigint not null,
  asked_ms bigint not null default 0,
  unseen_ms bigint not null default 0,
  allowance_left_ms bigint not null,
  credited_ms bigint not null,
  allowance_used_ms bigint not null,
  pay_micros bigint not null,
  answer jsonb,
  next_assignment_id uuid,
  next_refusal text,
  sent_at timestamptz not null default clock_timestamp(),

  entry_number bigint,
  settled_reward_micros bigint,
  settled_top_up_micros bigint,
  settled_pay_micros bigint,
  settled_credited_ms bigint,
  settled_allowance_used_ms bigint,
  settled_floor_micros_per_hour bigint,
  settled_policy_version int,
  salt bytea,
  check (("end" = 'submitted') = (answer is not null))
) with (fillfactor = 70);

create index assignment_end_by_worker on assignment_end (worker_id, ended_at);
create index assignment_end_unpaid on assignment_end (sent_at) where entry_number is null;

-- What the cooperative owes a worker, by the largest version heard from payment.
create table balance (
  worker_id uuid primary key,
  balance_micros bigint not null,
  version bigint not null
);

create table payout (
  payout_id uuid primary key,
  worker_id uuid not null,
  rail text not null,
  amount_micros bigint not null,
  state text not null check (state in ('issued', 'settled', 'failed', 'returned')),
  rank smallint not null,
  issued_at timestamptz,
  changed_at timestamptz not null,
  entry_number bigint not null
);

create index payout_by_worker on payout (worker_id, changed_at);

create table outbox (
  outbox_id bigint generated always as identity primary key,
  event text not null,
  body jsonb not null,
  traceparent text,
  created_at timestamptz not null default clock_timestamp()
);

grant select, insert, update on pay_policy, job, task, worker, worker_job, pseudonym, assignment, assignment_end, balance, payout to worker_app;
grant delete on pseudonym to worker_app;
grant select, insert, update, delete on outbox to worker_app;
