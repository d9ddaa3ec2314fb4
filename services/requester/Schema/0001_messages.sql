-- Events that a transaction causes; the relay deletes a row once the broker has confirmed it.
create table outbox (
  outbox_id bigint generated always as identity primary key,
  event text not null,
  body jsonb not null,
  traceparent text,
  created_at timestamptz not null default clock_timestamp()
);

-- The first response to each Idempotency-Key, kept for ever.
create table idempotency_key (
  actor uuid not null,
  key text not null,
  request_hash bytea not null,
  response jsonb,
  primary key (actor, key)
);

grant select, insert, update, delete on outbox to requester_app;
grant select, insert, update on idempotency_key to requester_app;
