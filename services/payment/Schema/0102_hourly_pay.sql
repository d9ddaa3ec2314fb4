-- Assignments by hourly pay (pay ÷ credited time), in hundredths of a unit of currency an hour, rounded down; the last step
-- holds everything from 1,000 units an hour on. Follows the settlements in the order of their numbers, so no page reads them all.
create table hourly_pay (
  floor_micros_per_hour bigint not null,
  hundredths int not null check (hundredths between 0 and 100000),
  -- Lifted to the floor by a top-up.
  lifted boolean not null,
  assignments bigint not null,
  credited_ms bigint not null,
  primary key (floor_micros_per_hour, hundredths, lifted)
) with (fillfactor = 50);

-- One row: up to which entry settlements are counted in.
create table hourly_pay_counted (
  id int primary key default 1 check (id = 1),
  entry_number bigint not null default 0
) with (fillfactor = 50);

insert into hourly_pay_counted default values;

grant select, insert, update on hourly_pay to payment_app;
grant select, update on hourly_pay_counted to payment_app;
