-- How many slots of the job's tasks wait for money. Where there is money for all of these and for those of new tasks, the new
-- tasks arrive open instead of being written twice. It decides nothing but the order of opening: opened <= funded still holds.
alter table job add column unopened bigint not null default 0;

update job
set unopened = waiting.slots
from (select job_id, sum(unopened) as slots from task where unopened > 0 group by job_id) waiting
where waiting.job_id = job.job_id;
