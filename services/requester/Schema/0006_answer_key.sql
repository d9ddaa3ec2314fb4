-- The key of an answer: a replay is known by it under whichever id it comes. Lists and downloads walk it too, task by task, and sort the few
-- answers of a task by their random id; the index it replaces had them in the order of their claims.
create unique index answer_key on answer (job_id, task_number, pseudonym);
drop index answer_of_task;

-- Answers that still have their old id only: none, once worker has told them again.
create index answer_old_id on answer (received_at) where answer_id is null;
