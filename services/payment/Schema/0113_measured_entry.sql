-- Up to which entry a job's times were last told, how many ends there were when it was last looked at whether they may be told again, and its
-- ends in the order in which they were settled.
alter table job
  add column measured_entry bigint not null default 0,
  add column looked_at bigint not null default 0;
create index settlement_of_job on settlement (job_id, entry_number);
drop index settlement_job;

-- A version is the number of ends that were counted, and one more of a finished job.
update job j
set measured_entry = coalesce((
  select max(s.entry_number)
  from (
    select entry_number
    from settlement
    where job_id = j.job_id
    order by entry_number
    limit j.measured_version) s), 0)
where measured_version > 0;
