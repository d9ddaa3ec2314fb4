-- An answer's name is its public id: random, so that it says nothing of when the task was claimed. Answers came under the assignment's own id
-- before, whose first bits are the millisecond of the claim.
--
-- answer_id is that name, null as long as the row has only the old one. The version before goes on to write and read assignment_id, so it stays
-- the primary key and holds the same public id as soon as there is one: then the old id is nowhere. The version after reads answer_id alone.
--
-- shown_at_step: the number of the step (publication) from which a requester sees the answer. 0, what is here and what the version before
-- writes, is seen at once.
alter table answer
  add column answer_id uuid,
  add column received_at timestamptz not null default now(),
  add column shown_at_step bigint not null default 0;

alter table answer_exclusion
  drop constraint answer_exclusion_assignment_id_fkey,
  add constraint answer_exclusion_assignment_id_fkey foreign key (assignment_id) references answer (assignment_id) on update cascade;

grant update (assignment_id, answer_id, submitted_at) on answer to requester_app;

-- How many steps were made, and the last of them as the clock that made it had it. made_at is real time. One row.
create table publication (
  one boolean primary key default true check (one),
  step bigint not null,
  step_at timestamptz not null,
  made_at timestamptz not null
);

insert into publication (step, step_at, made_at)
values (0, 'epoch', clock_timestamp());

grant select, update on publication to requester_app;

-- What is here changes from shown_at_step on; the columns that end in _before say what a requester sees until then.
alter table job_answers
  add column shown_at_step bigint not null default 0,
  add column answers_before bigint not null default 0,
  add column last_at_before timestamptz;

alter table job_measurement
  add column shown_at_step bigint not null default 0,
  add column measured_before jsonb;
