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

-- How many steps were made, and the last of them as the clock that made it had it; made_at is real time. target: the last entry, by commit, that
-- becomes public with it. One row.
create table publication (
  one boolean primary key default true check (one),
  step bigint not null,
  step_at timestamptz not null,
  made_at timestamptz not null,
  target bigint not null default 0
);

insert into publication (step, step_at, made_at)
values (0, 'epoch', clock_timestamp());

create index public_entry_of_job on public_entry (job_id, number) where job_id is not null;
create index public_entry_rare_kind on public_entry (kind, number) where kind <> 'assignment-paid';
create index public_entry_rare_of_job on public_entry (job_id, kind, number) where job_id is not null and kind <> 'assignment-paid';

-- Lists follow public numbers now. The version before goes through all entries for a job's, in the minute that it still runs.
drop index entry_job;

grant select, insert on public_entry, log_leaf_version to payment_app;
grant select, update on publication to payment_app;

-- What is in the log already keeps its number. RFC 2104 in words that SQL has. Most of it is copied while the log goes on.
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

  for pass in 1 .. 2 loop
    if pass = 2 then
      -- Whoever appends waits, and from now on cannot append leaves of version 1: it does not know the column. So the log stands still until
      -- the copy that does not know it has ended.
      lock table log_node in share row exclusive mode;
      alter table log_checkpoint add column leaf_version smallint not null default 1;
      alter table log_checkpoint alter column leaf_version drop default;
    end if;

    insert into public_entry (number, entry_number, key, kind, job_id)
    select number, number, sha256(outer_pad || sha256(inner_pad || convert_to(key, 'UTF8'))), kind, job_id
    from entry
    where number > (select coalesce(max(number), 0) from public_entry)
      and number <= (select coalesce(max(index) + 1, 0) from log_node where level = 0)
    order by number;
  end loop;
end
$$;
