-- Entries of a rare kind in a job, which may have a million others. No pay is in it, so that settling writes no more than before.
create index entry_rare_of_job on entry (job_id, kind, number) where job_id is not null and kind <> 'assignment-paid';
