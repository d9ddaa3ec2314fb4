-- The public key of the entry that pays an assignment: the name under which it is found once it is public. The number beside it is the order of
-- commit, which is shown to nobody. Rows from before have none, and are found by their assignment alone.
alter table assignment_end add column entry_key bytea;
