-- What members' witnesses signed of the log's checkpoints (C2SP tlog-cosignature): who as name+key id, the line of the note.
create table log_cosignature (
  size bigint not null references log_checkpoint,
  witness text not null,
  line text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (size, witness)
);

create index log_cosignature_witness on log_cosignature (witness, size);

create trigger only_grows before update or delete or truncate on log_cosignature
for each statement execute function refuse_change();

-- A checkpoint waits a moment for its witnesses before it is shown without them.
alter table log_checkpoint add column written_at timestamptz not null default clock_timestamp();

-- Each key of the log names the next one, once.
create table log_handover (
  old_key text primary key,
  new_key text not null,
  note text not null,
  at timestamptz not null default clock_timestamp()
);

create trigger only_grows before update or delete or truncate on log_handover
for each statement execute function refuse_change();

-- A payout is given to its rail when enough witnesses have signed a checkpoint that covers its entry; from then on it is asked about.
alter table payout_open add column released boolean not null default false;

grant select, insert on log_cosignature, log_handover to payment_app;
