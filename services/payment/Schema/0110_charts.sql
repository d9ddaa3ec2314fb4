-- What the public charts are drawn from. People are counted so that no group of fewer than five is ever shown; who they are stays here.

-- In which bars of the hourly pay a worker has an assignment: a bit for each bar.
create table hourly_pay_person (
  worker_id uuid primary key,
  bars int not null
) with (fillfactor = 70);

-- Pay by day and by month of the installation's time zone.
create table pay_period (
  unit text not null check (unit in ('day', 'month')),
  start date not null,
  assignments bigint not null,
  reward_micros bigint not null,
  top_up_micros bigint not null,
  fee_micros bigint not null,
  levy_micros bigint not null,
  people bigint not null,
  primary key (unit, start)
) with (fillfactor = 50);

create table pay_period_person (
  unit text not null,
  start date not null,
  worker_id uuid not null,
  primary key (unit, start, worker_id)
);

grant select, insert, update on hourly_pay_person, pay_period to payment_app;
grant select, insert on pay_period_person to payment_app;

-- All of them follow the same count: it starts over.
delete from hourly_pay;
update hourly_pay_counted set entry_number = 0;
