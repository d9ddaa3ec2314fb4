-- One row for each end of an assignment: everything its pay was computed from, so that anybody can compute it again.
create table settlement (
  entry_number bigint primary key references entry,
  assignment_id uuid not null,
  job_id uuid not null,
  worker_id uuid not null,
  ended text not null check (ended in ('submitted', 'returned', 'expired', 'broken')),
  terms_version int not null,
  policy_version int not null,
  claimed_at timestamptz not null,
  ended_at timestamptz not null,
  active_ms bigint not null check (active_ms >= 0),
  unseen_ms bigint not null check (unseen_ms >= 0),
  allowance_left_ms bigint not null check (allowance_left_ms >= 0),
  first_of_job boolean not null,
  reward_micros bigint not null,
  limit_ms bigint not null,
  reading_ms bigint not null,
  floor_micros_per_hour bigint not null,
  credited_ms bigint not null check (credited_ms >= 0),
  allowance_used_ms bigint not null check (allowance_used_ms >= 0),
  owed_micros bigint not null,
  -- The reward if it was submitted, else 0.
  counted_micros bigint not null,
  top_up_micros bigint not null check (top_up_micros >= 0),
  pay_micros bigint not null,
  fee_micros bigint not null check (fee_micros >= 0),
  levy_micros bigint not null check (levy_micros >= 0),
  charged_micros bigint not null,
  -- What the escrow lacked; always 0 unless there is a bug.
  shortfall_micros bigint not null check (shortfall_micros >= 0),
  -- What the worker is owed after this entry, and the last entry that moved it.
  balance_micros bigint not null,
  balance_version bigint not null,
  constraint never_below_the_floor check (pay_micros >= owed_micros and owed_micros::numeric * 3600000 >= floor_micros_per_hour::numeric * credited_ms),
  constraint pay_adds_up check (pay_micros = counted_micros + top_up_micros and charged_micros = pay_micros + fee_micros + levy_micros)
);

create index settlement_job on settlement (job_id);

create trigger only_grows before update or delete or truncate on settlement
for each statement execute function refuse_change();

-- Ends of jobs that are not known yet: settled when the job arrives.
create table pending_end (
  assignment_id uuid primary key,
  job_id uuid not null,
  body jsonb not null
);

create index pending_end_job on pending_end (job_id);

grant select, insert on settlement to payment_app;
grant select, insert, delete on pending_end to payment_app;
