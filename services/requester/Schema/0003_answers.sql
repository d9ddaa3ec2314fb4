create table answer (
  assignment_id uuid primary key,
  job_id uuid not null,
  task_number int not null,
  pseudonym uuid not null,
  answer jsonb not null,
  submitted_at timestamptz not null
);
create index answer_of_task on answer (job_id, task_number, assignment_id);

-- How many answers a job has, so that no page counts them.
create table job_answers (
  job_id uuid primary key,
  answers bigint not null,
  last_at timestamptz not null
);

-- Left out of results by the requester; pay stays. Putting it back removes the row.
create table answer_exclusion (
  assignment_id uuid primary key references answer,
  job_id uuid not null,
  excluded_by uuid not null,
  excluded_at timestamptz not null
);
create index exclusion_of_job on answer_exclusion (job_id);

grant select, insert on answer to requester_app;
grant select, insert, update on job_answers to requester_app;
grant select, insert, delete on answer_exclusion to requester_app;
