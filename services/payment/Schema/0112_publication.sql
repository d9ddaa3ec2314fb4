-- Entries become public in batches, inside which the order of their keys gives them their public numbers: the order of commit never leaves
-- this database. The sets are the same: the first n entries by public number are the first n by commit wherever a batch ends.
create table public_entry (
  number bigint primary key check (number > 0),
  entry_number bigint not null unique references entry,
  -- HMAC-SHA-256 of the entry's key under the log's secret.
  key bytea not null unique check (length(key) = 32),
  kind text not null,
  job_id uuid,
  -- How many entries were public before its batch; null: its leaf is of version 1.
  batch bigint check (batch between 0 and number - 1),
  -- The commitment of the facts that credited time followed from; null of other kinds, and where the leaf is of version 1.
  facts bytea check (length(facts) = 32)
);

create trigger only_grows before update or delete or truncate on public_entry
for each statement execute function refuse_change();

-- The first number whose leaf is of this version. Leaves before the first row are of version 1.
create table log_leaf_version (
  version smallint primary key check (version > 1),
  first_number bigint not null unique check (first_number > 0)
);

create trigger only_grows before update or delete or truncate on log_leaf_version
for each statement execute function refuse_change();

-- Whoever appends waits, and from now on cannot append leaves of version 1: it does not know the column. So the log stands still until
-- the copy that does not know it has ended.
lock table log_node in share row exclusive mode;
alter table log_checkpoint add column leaf_version smallint not null default 1;
alter table log_checkpoint alter column leaf_version drop default;

-- What is in the log already keeps its number. RFC 2104 in words that SQL has.
do $$
declare
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
  log_secret bytea := (select secret from ledger_head);
begin
  for i in 0 .. length(log_secret) - 1 loop
    inner_pad := set_byte(inner_pad, i, get_byte(inner_pad, i) # get_byte(log_secret, i));
    outer_pad := set_byte(outer_pad, i, get_byte(outer_pad, i) # get_byte(log_secret, i));
  end loop;

  insert into public_entry (number, entry_number, key, kind, job_id)
  select number, number, sha256(outer_pad || sha256(inner_pad || convert_to(key, 'UTF8'))), kind, job_id
  from entry
  where number <= (select coalesce(max(index) + 1, 0) from log_node where level = 0)
  order by number;
end
$$;

create index public_entry_of_job on public_entry (job_id, number) where job_id is not null;
create index public_entry_rare_kind on public_entry (kind, number) where kind <> 'assignment-paid';
create index public_entry_rare_of_job on public_entry (job_id, kind, number) where job_id is not null and kind <> 'assignment-paid';

-- Lists follow public numbers now.
drop index entry_job;

-- Up to which entry a job's times were last told, and its ends in the order in which they were settled.
alter table job add column measured_entry bigint not null default 0;
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

grant select, insert on public_entry, log_leaf_version to payment_app;
