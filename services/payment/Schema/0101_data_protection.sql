-- The keys behind the service's forms (anti-forgery), shared by all its copies.
create table data_protection_key (
  name text primary key,
  xml text not null,
  created_at timestamptz not null default clock_timestamp()
);

grant select, insert on data_protection_key to payment_app;
