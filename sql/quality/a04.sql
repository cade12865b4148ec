-- One row per township: money paid as temporary aid equals the grants of the month.
with granted as (
    select month, township_code, sum(amount) as amount
    from register.temp_aid
    where month in (select month from work.month)
    group by month, township_code
),

paid as (
    select month, township_code, sum(amount_paid) as amount
    from register.payment_ledger
    where scheme = '临时救助' and paid_on is not null and month in (select month from work.month)
    group by month, township_code
)

select coalesce(granted.month, paid.month) as month, coalesce(granted.township_code, paid.township_code) as township_code,
    'temp_aid' as dataset, null as person_key, null as intake_no, null as sheet, null as row_no,
    abs(coalesce(granted.amount, 0) - coalesce(paid.amount, 0)) > $tolerance as broken
from granted
full outer join paid on granted.month = paid.month and granted.township_code = paid.township_code
