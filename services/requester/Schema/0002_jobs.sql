-- What payment has heard of a requester's money, and what was spent of it. Both only grow.
create table deposit (
  requester_id uuid primary key,
  credited_total_micros bigint not null default 0 check (credited_total_micros >= 0),
  spent_total_micros bigint not null default 0 check (spent_total_micros >= 0),
  check (spent_total_micros <= credited_total_micros)
);

create table pay_policy (
  version int primary key,
  in_force_from timestamptz not null,
  policy jsonb not null
);

-- A draft until posted_at is set; from then on its terms never change.
create table job (
  job_id uuid primary key,
  requester_id uuid not null,
  requester_name text not null,
  title text not null default '',
  instructions text not null default '',
  kind text not null default 'choice' check (kind in ('choice', 'text')),
  question text not null default '',
  labels text[] not null default '{}' check (cardinality(labels) <= 9),
  text_column text,
  image_column text,
  reward_micros bigint check (reward_micros > 0),
  estimate_ms bigint check (estimate_ms > 0),
  time_limit_ms bigint check (time_limit_ms > 0),
  wanted int not null default 1 check (wanted between 1 and 100),
  -- Of a draft: what the page proposes or the requester typed. Of a posted job: all that was ever set aside.
  budget_micros bigint check (budget_micros > 0),
  posted_budget_micros bigint,
  policy_version int,
  leave_out boolean not null default false,
  tasks int not null default 0 check (tasks >= 0),
  -- The feeder's cursor: tasks 1 to fed are with the broker.
  fed int not null default 0 check (fed between 0 and tasks),
  created_at timestamptz not null,
  posted_at timestamptz,
  check (posted_at is null or (reward_micros is not null and posted_budget_micros is not null and budget_micros is not null and tasks > 0))
);
create index job_of_requester on job (requester_id, created_at desc);
create index job_to_feed on job (job_id) where posted_at is not null and fed < tasks;

-- Jobs that were posted and, as far as anybody has looked, neither funded nor refused: when payment was last told.
create table job_asked (
  job_id uuid primary key references job,
  asked_at timestamptz not null default clock_timestamp(),
  times int not null default 0
);

create table task (
  job_id uuid not null references job on delete cascade,
  number int not null check (number > 0),
  -- Where the row begins in the file.
  line int not null,
  input jsonb not null,
  primary key (job_id, number)
);

-- What the last upload of a job's tasks was, and what was wrong with it.
create table task_file (
  job_id uuid primary key references job on delete cascade,
  name text not null,
  format text not null,
  columns text[] not null,
  rows int not null,
  problem_count int not null,
  problems jsonb not null,
  read_at timestamptz not null
);

-- The last upload that was refused as a whole; what was there before it stays.
create table upload_refusal (
  job_id uuid primary key references job on delete cascade,
  name text not null,
  problems jsonb not null,
  refused_at timestamptz not null
);

-- Images by their content; the hash is the capability to see one.
create table media (
  hash bytea primary key check (length(hash) = 32),
  content_type text not null check (content_type in ('image/png', 'image/jpeg', 'image/gif', 'image/webp')),
  content bytea not null,
  added_at timestamptz not null
);
alter table media alter column content set storage external;

create table job_image (
  job_id uuid not null references job on delete cascade,
  name text not null,
  hash bytea not null references media,
  primary key (job_id, name)
);

-- What the last upload of a job's images was, and what was left out of it.
create table image_file (
  job_id uuid primary key references job on delete cascade,
  name text not null,
  images int not null,
  problem_count int not null,
  problems jsonb not null,
  read_at timestamptz not null
);

-- What others say of a job. An event may come before or after anything else, so these refer to nothing.
create table job_funding (
  job_id uuid primary key,
  funded bigint not null,
  worst_micros bigint not null,
  policy_version int not null,
  first_heard_at timestamptz not null
);

create table job_refusal (
  job_id uuid primary key,
  why text not null,
  heard_at timestamptz not null
);

create table job_closure (
  job_id uuid primary key references job,
  closed_by text not null check (closed_by in ('requester', 'job life')),
  closed_at timestamptz not null
);

create table job_measurement (
  job_id uuid primary key,
  version bigint not null,
  finished boolean not null,
  measured jsonb not null,
  heard_at timestamptz not null
);

grant select, insert, update on deposit, pay_policy, job_funding, job_measurement to requester_app;
grant select, insert, update, delete on job, job_asked, task, task_file, upload_refusal, job_image, image_file to requester_app;
grant select, insert on media, job_refusal, job_closure to requester_app;
