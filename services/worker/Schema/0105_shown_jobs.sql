-- How many steps were made, and the last of them as the clock that made it had it. made_at is real time. One row.
create table publication (
  one boolean primary key default true check (one),
  step bigint not null,
  step_at timestamptz not null,
  made_at timestamptz not null
);

insert into publication (step, step_at, made_at)
values (0, 'epoch', clock_timestamp());

-- What the list of jobs says of an open job until the next step: which tasks were open at the last one (the first of them, since the list counts
-- to a thousand), whether answers were wanted that there was no money for, and what was measured by then. A claim changes nothing of it.
create table job_shown (
  job_id uuid primary key references job,
  numbers int[] not null,
  waits boolean not null,
  measured jsonb
);

grant select, update on publication to worker_app;
grant select, insert, update, delete on job_shown to worker_app;
