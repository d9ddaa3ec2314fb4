-- Money paid in by requesters. The key of the entry is deposit:<rail>:<reference>.
create table deposit (
  entry_number bigint primary key references entry,
  requester_id uuid not null,
  rail text not null,
  reference text not null,
  amount_micros bigint not null check (amount_micros > 0),
  at timestamptz not null,
  unique (rail, reference)
);

create index deposit_requester on deposit (requester_id, entry_number);

create trigger only_grows before update or delete or truncate on deposit
for each statement execute function refuse_change();

-- Money leaving a worker's balance, and its life: 1 issued, 2 settled or failed, 3 returned. A step happens once.
create table payout (
  payout_id uuid primary key,
  worker_id uuid not null,
  rail text not null,
  destination text not null,
  amount_micros bigint not null check (amount_micros > 0 and amount_micros % 10000 = 0),
  issued_at timestamptz not null
);

create index payout_worker on payout (worker_id, issued_at);
create index payout_issued on payout (issued_at, payout_id);

create table payout_step (
  payout_id uuid not null references payout,
  rank int not null,
  state text not null,
  entry_number bigint not null unique references entry,
  at timestamptz not null,
  why text,
  primary key (payout_id, rank),
  check ((rank, state) in ((1, 'issued'), (2, 'settled'), (2, 'failed'), (3, 'returned')))
);

create trigger only_grows before update or delete or truncate on payout
for each statement execute function refuse_change();

create trigger only_grows before update or delete or truncate on payout_step
for each statement execute function refuse_change();

-- Payouts of which the rail has more to say: the work of the settling loop.
create table payout_open (
  payout_id uuid primary key references payout,
  ask_at timestamptz not null
);

create index payout_open_due on payout_open (ask_at);

create table idempotency_key (
  actor uuid not null,
  key text not null,
  request_hash bytea not null,
  -- Null while the first request is at work.
  response jsonb,
  at timestamptz not null default clock_timestamp(),
  primary key (actor, key)
);

create table outbox (
  outbox_id bigint generated always as identity primary key,
  event text not null,
  body jsonb not null,
  traceparent text,
  created_at timestamptz not null default clock_timestamp()
);

grant select, insert on deposit, payout, payout_step to payment_app;
grant select, insert, update on idempotency_key to payment_app;
grant select, insert, update, delete on payout_open, outbox to payment_app;
