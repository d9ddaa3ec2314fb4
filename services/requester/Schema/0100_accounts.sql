-- Who can sign in here, and until when they stay signed in.
create table account (
  account_id uuid primary key,
  email text not null check (length(email) between 3 and 254),
  name text not null check (length(name) between 1 and 80),
  password_hash text not null,
  created_at timestamptz not null
);

-- Emails differ by more than their case.
create unique index account_email on account (lower(email));

-- Tries at a password since the last right one, counted by email whether it has an account or not: a lock tells nobody which emails are known. The email itself is not kept.
create table sign_in_try (
  email_hash bytea primary key check (length(email_hash) = 32),
  tries int not null check (tries >= 0),
  locked_until timestamptz,
  last_at timestamptz not null
);

create index sign_in_try_last on sign_in_try (last_at);

create table session (
  session_id uuid primary key,
  account_id uuid not null references account,
  created_at timestamptz not null,
  confirmed_at timestamptz not null, -- when the password was last given
  renewed_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);

create index session_account on session (account_id);

grant select, insert on account to requester_app;
grant update (name, password_hash) on account to requester_app;
grant select, insert, update, delete on sign_in_try to requester_app;
grant select, insert on session to requester_app;
grant update (confirmed_at, renewed_at, revoked_at) on session to requester_app;
