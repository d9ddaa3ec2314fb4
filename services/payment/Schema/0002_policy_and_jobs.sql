-- Pay policies: versioned, adopted, never edited. Rates in basis points, money in micro-units, times in ms.
create table policy (
  version int primary key check (version > 0),
  entry_number bigint not null unique references entry,
  adopted_at timestamptz not null,
  in_force_from timestamptz not null,
  floor_micros_per_hour bigint not null check (floor_micros_per_hour > 0),
  fee_bps int not null check (fee_bps between 0 and 10000),
  levy_bps int not null check (levy_bps between 0 and 10000),
  limit_least_ms bigint not null check (limit_least_ms > 0),
  limit_factor int not null check (limit_factor > 0),
  reading_per_word_ms bigint not null check (reading_per_word_ms >= 0),
  reading_most_ms bigint not null check (reading_most_ms >= 0),
  lease_least_ms bigint not null check (lease_least_ms > 0),
  earliest_submit_divisor int not null check (earliest_submit_divisor > 0),
  idle_least_ms bigint not null check (idle_least_ms > 0),
  idle_most_ms bigint not null,
  allowance_base_ms bigint not null check (allowance_base_ms >= 0),
  allowance_share_bps int not null check (allowance_share_bps between 0 and 10000),
  grace_ms bigint not null check (grace_ms >= 0),
  most_credited_in24h_ms bigint not null check (most_credited_in24h_ms > 0),
  price_sample int not null check (price_sample > 0),
  price_workers int not null check (price_workers > 0),
  price_band_bps int not null check (price_band_bps between 0 and 10000),
  price_step_bps int not null check (price_step_bps >= 10000),
  job_life_ms bigint not null check (job_life_ms > 0),
  check (idle_most_ms >= idle_least_ms)
);

create trigger only_grows before update or delete or truncate on policy
for each statement execute function refuse_change();

-- What payment knows of a job. Messages come in any order: a raise or the count of claims may be first, the terms later.
create table job (
  job_id uuid primary key,
  requester_id uuid,
  requester_name text,
  title text,
  posted_at timestamptz,
  -- The terms as the pay rule resolved them; null until posted, and for a refused job.
  terms_version int,
  reward_micros bigint,
  estimate_ms bigint,
  limit_ms bigint,
  reading_ms bigint,
  policy_version int references policy,
  worst_micros bigint,
  refused_why text,
  -- All that was ever set aside: the largest heard, and what is booked of it.
  budget_total_micros bigint not null default 0,
  budget_booked_micros bigint not null default 0 check (budget_booked_micros <= budget_total_micros),
  -- Ends settled (P), claims published as funded (n), claims ever made once there are no more (C).
  ended bigint not null default 0,
  funded bigint not null default 0,
  claims bigint,
  finished_at timestamptz,
  -- The version of the last job-measured sent; 0: none yet.
  measured_version bigint not null default 0,
  constraint job_terms_whole check (num_nulls(reward_micros, estimate_ms, limit_ms, reading_ms, policy_version, worst_micros) in (0, 6)),
  constraint job_terms_or_refusal check (refused_why is null or worst_micros is null)
) with (fillfactor = 70);

-- Jobs of which there is enough news for a job-measured.
create table job_to_measure (
  job_id uuid primary key
);

grant select, insert on policy to payment_app;
grant select, insert, update on job to payment_app;
grant select, insert, update, delete on job_to_measure to payment_app;
