-- The list of jobs begins with those that are open: a marketplace has few of these, and ever more that are closed. Nothing that a
-- claim or a submit changes is in it.
create index job_offered on job (posted_at desc) where posted_at is not null and closed_at is null and policy_version is not null;
