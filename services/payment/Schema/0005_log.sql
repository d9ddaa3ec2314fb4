-- The transparency log: hashes of the ledger's leaves in the order of their numbers, as RFC 6962 has them. Level 0 are the
-- leaves; a node of level L stands for 256^L of them, so a tile of the log is 256 rows in a row.
create table log_node (
  level smallint not null check (level between 0 and 5),
  index bigint not null check (index >= 0),
  hash bytea not null check (length(hash) = 32),
  primary key (level, index)
);

-- What was signed, and when: every size that was ever published.
create table log_checkpoint (
  size bigint primary key check (size >= 0),
  root bytea not null check (length(root) = 32),
  note text not null,
  at timestamptz not null
);

create trigger only_grows before update or delete or truncate on log_node
for each statement execute function refuse_change();

create trigger only_grows before update or delete or truncate on log_checkpoint
for each statement execute function refuse_change();

grant select, insert on log_node, log_checkpoint to payment_app;
