-- An assignment's public id: the only name of it that leaves this service towards a requester. Its own id holds the millisecond of the claim. The
-- version before claims without it and gets a random one. What ended before has none until its answer is told again: to give them theirs here would
-- lock everybody out while the whole table is written. No unique index, which each claim would have to write at a random place: nothing is found by
-- it here, and of 122 random bits no two are the same.
alter table assignment add column public_id uuid;
alter table assignment alter column public_id set default gen_random_uuid();

update assignment
set public_id = gen_random_uuid()
where public_id is null and assignment_id in (select assignment_id from worker where assignment_id is not null);

-- The public id again, of an end whose answer was told under it. Null of a submitted one: the version before told the answer under the assignment's
-- own id, so it is told again (answer_telling).
alter table assignment_end add column public_id uuid;

-- How far the telling again has come: it walks the primary key of assignment_end from after_id on, and begins anew until a walk that began when
-- the version before was gone for sure has found nothing. Instants are real time. One row.
create table answer_telling (
  one boolean primary key default true check (one),
  begun_at timestamptz not null,
  walk_at timestamptz not null,
  after_id uuid not null,
  told bigint not null,
  done_at timestamptz
);

insert into answer_telling (begun_at, walk_at, after_id, told)
values (clock_timestamp(), clock_timestamp(), '00000000-0000-0000-0000-000000000000', 0);

grant select, update on answer_telling to worker_app;
