-- The whole schema, as the migrations beside this file make it. Written by a test (SchemaTests), run by nothing.

create table account (
  account_id uuid not null,
  email text not null,
  name text not null,
  password_hash text not null,
  created_at timestamp with time zone not null,
  constraint account_pkey PRIMARY KEY (account_id),
  constraint account_email_check CHECK (((length(email) >= 3) AND (length(email) <= 254))),
  constraint account_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80)))
);
CREATE UNIQUE INDEX account_email ON account USING btree (lower(email));
grant insert, select on account to requester_app;
grant update (name) on account to requester_app;
grant update (password_hash) on account to requester_app;

create table answer (
  assignment_id uuid not null,
  job_id uuid not null,
  task_number integer not null,
  pseudonym uuid not null,
  answer jsonb not null,
  submitted_at timestamp with time zone not null,
  answer_id uuid,
  received_at timestamp with time zone default now() not null,
  shown_at_step bigint default 0 not null,
  constraint answer_pkey PRIMARY KEY (assignment_id)
);
CREATE UNIQUE INDEX answer_key ON answer USING btree (job_id, task_number, pseudonym);
CREATE INDEX answer_old_id ON answer USING btree (received_at) WHERE (answer_id IS NULL);
grant insert, select on answer to requester_app;
grant update (answer_id) on answer to requester_app;
grant update (assignment_id) on answer to requester_app;
grant update (submitted_at) on answer to requester_app;

create table answer_exclusion (
  assignment_id uuid not null,
  job_id uuid not null,
  excluded_by uuid not null,
  excluded_at timestamp with time zone not null,
  constraint answer_exclusion_pkey PRIMARY KEY (assignment_id),
  constraint answer_exclusion_assignment_id_fkey FOREIGN KEY (assignment_id) REFERENCES answer(assignment_id) ON UPDATE CASCADE
);
CREATE INDEX exclusion_of_job ON answer_exclusion USING btree (job_id);
grant delete, insert, select on answer_exclusion to requester_app;

create table api_key (
  key_id uuid not null,
  requester_id uuid not null,
  requester_name text not null,
  name text not null,
  starts_with text not null,
  key_hash bytea not null,
  created_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint api_key_pkey PRIMARY KEY (key_id),
  constraint api_key_key_hash_key UNIQUE (key_hash)
);
CREATE INDEX api_key_of_requester ON api_key USING btree (requester_id, created_at DESC);
grant insert, select, update on api_key to requester_app;

create table data_protection_key (
  name text not null,
  xml text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint data_protection_key_pkey PRIMARY KEY (name)
);
grant insert, select on data_protection_key to requester_app;

create table deposit (
  requester_id uuid not null,
  credited_total_micros bigint default 0 not null,
  spent_total_micros bigint default 0 not null,
  constraint deposit_pkey PRIMARY KEY (requester_id),
  constraint deposit_check CHECK ((spent_total_micros <= credited_total_micros)),
  constraint deposit_credited_total_micros_check CHECK ((credited_total_micros >= 0)),
  constraint deposit_spent_total_micros_check CHECK ((spent_total_micros >= 0))
);
grant insert, select, update on deposit to requester_app;

create table idempotency_key (
  actor uuid not null,
  key text not null,
  request_hash bytea not null,
  response jsonb,
  constraint idempotency_key_pkey PRIMARY KEY (actor, key)
);
grant insert, select, update on idempotency_key to requester_app;

create table image_file (
  job_id uuid not null,
  name text not null,
  images integer not null,
  problem_count integer not null,
  problems jsonb not null,
  read_at timestamp with time zone not null,
  constraint image_file_pkey PRIMARY KEY (job_id),
  constraint image_file_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(job_id) ON DELETE CASCADE
);
grant delete, insert, select, update on image_file to requester_app;

create table job (
  job_id uuid not null,
  requester_id uuid not null,
  requester_name text not null,
  title text default ''::text not null,
  instructions text default ''::text not null,
  kind text default 'choice'::text not null,
  question text default ''::text not null,
  labels text[] default '{}'::text[] not null,
  text_column text,
  image_column text,
  reward_micros bigint,
  estimate_ms bigint,
  time_limit_ms bigint,
  wanted integer default 1 not null,
  budget_micros bigint,
  posted_budget_micros bigint,
  policy_version integer,
  leave_out boolean default false not null,
  tasks integer default 0 not null,
  fed integer default 0 not null,
  created_at timestamp with time zone not null,
  posted_at timestamp with time zone,
  constraint job_pkey PRIMARY KEY (job_id),
  constraint job_budget_micros_check CHECK ((budget_micros > 0)),
  constraint job_check CHECK (((fed >= 0) AND (fed <= tasks))),
  constraint job_check1 CHECK (((posted_at IS NULL) OR ((reward_micros IS NOT NULL) AND (posted_budget_micros IS NOT NULL) AND (budget_micros IS NOT NULL) AND (tasks > 0)))),
  constraint job_estimate_ms_check CHECK ((estimate_ms > 0)),
  constraint job_kind_check CHECK ((kind = ANY (ARRAY['choice'::text, 'text'::text]))),
  constraint job_labels_check CHECK ((cardinality(labels) <= 9)),
  constraint job_reward_micros_check CHECK ((reward_micros > 0)),
  constraint job_tasks_check CHECK ((tasks >= 0)),
  constraint job_time_limit_ms_check CHECK ((time_limit_ms > 0)),
  constraint job_wanted_check CHECK (((wanted >= 1) AND (wanted <= 100)))
);
CREATE INDEX job_of_requester ON job USING btree (requester_id, created_at DESC);
CREATE INDEX job_to_feed ON job USING btree (job_id) WHERE ((posted_at IS NOT NULL) AND (fed < tasks));
grant delete, insert, select, update on job to requester_app;

create table job_answers (
  job_id uuid not null,
  answers bigint not null,
  last_at timestamp with time zone not null,
  shown_at_step bigint default 0 not null,
  answers_before bigint default 0 not null,
  last_at_before timestamp with time zone,
  constraint job_answers_pkey PRIMARY KEY (job_id)
);
grant insert, select, update on job_answers to requester_app;

create table job_asked (
  job_id uuid not null,
  asked_at timestamp with time zone default clock_timestamp() not null,
  times integer default 0 not null,
  constraint job_asked_pkey PRIMARY KEY (job_id),
  constraint job_asked_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(job_id)
);
grant delete, insert, select, update on job_asked to requester_app;

create table job_closure (
  job_id uuid not null,
  closed_by text not null,
  closed_at timestamp with time zone not null,
  constraint job_closure_pkey PRIMARY KEY (job_id),
  constraint job_closure_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(job_id),
  constraint job_closure_closed_by_check CHECK ((closed_by = ANY (ARRAY['requester'::text, 'job life'::text])))
);
grant insert, select on job_closure to requester_app;

create table job_funding (
  job_id uuid not null,
  funded bigint not null,
  worst_micros bigint not null,
  policy_version integer not null,
  first_heard_at timestamp with time zone not null,
  constraint job_funding_pkey PRIMARY KEY (job_id)
);
grant insert, select, update on job_funding to requester_app;

create table job_image (
  job_id uuid not null,
  name text not null,
  hash bytea not null,
  constraint job_image_pkey PRIMARY KEY (job_id, name),
  constraint job_image_hash_fkey FOREIGN KEY (hash) REFERENCES media(hash),
  constraint job_image_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(job_id) ON DELETE CASCADE
);
grant delete, insert, select, update on job_image to requester_app;

create table job_measurement (
  job_id uuid not null,
  version bigint not null,
  finished boolean not null,
  measured jsonb not null,
  heard_at timestamp with time zone not null,
  shown_at_step bigint default 0 not null,
  measured_before jsonb,
  constraint job_measurement_pkey PRIMARY KEY (job_id)
);
grant insert, select, update on job_measurement to requester_app;

create table job_refusal (
  job_id uuid not null,
  why text not null,
  heard_at timestamp with time zone not null,
  constraint job_refusal_pkey PRIMARY KEY (job_id)
);
grant insert, select on job_refusal to requester_app;

create table media (
  hash bytea not null,
  content_type text not null,
  content bytea not null,
  added_at timestamp with time zone not null,
  constraint media_pkey PRIMARY KEY (hash),
  constraint media_content_type_check CHECK ((content_type = ANY (ARRAY['image/png'::text, 'image/jpeg'::text, 'image/gif'::text, 'image/webp'::text]))),
  constraint media_hash_check CHECK ((length(hash) = 32))
);
grant insert, select on media to requester_app;

create table outbox (
  outbox_id bigint generated always as identity not null,
  event text not null,
  body jsonb not null,
  traceparent text,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint outbox_pkey PRIMARY KEY (outbox_id)
);
grant delete, insert, select, update on outbox to requester_app;

create table pay_policy (
  version integer not null,
  in_force_from timestamp with time zone not null,
  policy jsonb not null,
  constraint pay_policy_pkey PRIMARY KEY (version)
);
grant insert, select, update on pay_policy to requester_app;

create table publication (
  one boolean default true not null,
  step bigint not null,
  step_at timestamp with time zone not null,
  made_at timestamp with time zone not null,
  constraint publication_pkey PRIMARY KEY (one),
  constraint publication_one_check CHECK (one)
);
grant select, update on publication to requester_app;

create table session (
  session_id uuid not null,
  account_id uuid not null,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone not null,
  renewed_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint session_pkey PRIMARY KEY (session_id),
  constraint session_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(account_id)
);
CREATE INDEX session_account ON session USING btree (account_id);
grant insert, select on session to requester_app;
grant update (confirmed_at) on session to requester_app;
grant update (renewed_at) on session to requester_app;
grant update (revoked_at) on session to requester_app;

create table sign_in_try (
  email_hash bytea not null,
  tries integer not null,
  locked_until timestamp with time zone,
  last_at timestamp with time zone not null,
  constraint sign_in_try_pkey PRIMARY KEY (email_hash),
  constraint sign_in_try_email_hash_check CHECK ((length(email_hash) = 32)),
  constraint sign_in_try_tries_check CHECK ((tries >= 0))
);
CREATE INDEX sign_in_try_last ON sign_in_try USING btree (last_at);
grant delete, insert, select, update on sign_in_try to requester_app;

create table task (
  job_id uuid not null,
  number integer not null,
  line integer not null,
  input jsonb not null,
  constraint task_pkey PRIMARY KEY (job_id, number),
  constraint task_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(job_id) ON DELETE CASCADE,
  constraint task_number_check CHECK ((number > 0))
);
grant delete, insert, select, update on task to requester_app;

create table task_file (
  job_id uuid not null,
  name text not null,
  format text not null,
  columns text[] not null,
  rows integer not null,
  problem_count integer not null,
  problems jsonb not null,
  read_at timestamp with time zone not null,
  constraint task_file_pkey PRIMARY KEY (job_id),
  constraint task_file_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(job_id) ON DELETE CASCADE
);
grant delete, insert, select, update on task_file to requester_app;

create table upload_refusal (
  job_id uuid not null,
  name text not null,
  problems jsonb not null,
  refused_at timestamp with time zone not null,
  constraint upload_refusal_pkey PRIMARY KEY (job_id),
  constraint upload_refusal_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(job_id) ON DELETE CASCADE
);
grant delete, insert, select, update on upload_refusal to requester_app;
