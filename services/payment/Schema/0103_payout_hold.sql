-- While one of these is not lifted, no payout is handed to its rail. Set after a restore; lifted once ledger and rail agree.
create table payout_hold (
  held_at timestamptz primary key,
  why text not null,
  lifted_at timestamptz
);

grant select, insert on payout_hold to payment_app;
grant update (lifted_at) on payout_hold to payment_app;
