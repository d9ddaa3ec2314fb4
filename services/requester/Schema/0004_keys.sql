-- Keys of programs. Only a hash is kept; the key itself is shown once.
create table api_key (
  key_id uuid primary key,
  requester_id uuid not null,
  requester_name text not null,
  name text not null,
  starts_with text not null,
  key_hash bytea not null unique,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index api_key_of_requester on api_key (requester_id, created_at desc);

grant select, insert, update on api_key to requester_app;
