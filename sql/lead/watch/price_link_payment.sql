-- One row per triggered index month and township: who is due the price subsidy, who was paid, who in time (by the end of
-- the month in which the index was published). Payees: dibao, tekun, orphans and unattended children (policy facts, 2.2).
with trigger_month as (
    select month, published_on, strftime(published_on, '%Y-%m') as payment_month
    from ({price_link_trigger}) as price
    where triggered = 1 and published_on is not null
),
due as (
    select distinct trigger_month.month, roll.person_key, roll.township_code,
        trigger_month.payment_month, last_day(trigger_month.published_on) as in_time
    from trigger_month
    join (
        select month, person_key, township_code from register.dibao_roll where active
        union all
        select month, person_key, township_code from register.tekun_roll where active
        union all
        select month, person_key, township_code from register.child_roll where active
    ) as roll on roll.month = trigger_month.payment_month
),
subsidy as (
    select month, person_key, min(paid_on) as paid_on, sum(amount_paid) as yuan
    from register.payment_ledger
    where payment_kind = '价格临时补贴' and paid_on is not null and amount_paid > 0
    group by month, person_key
)
select due.month, due.township_code,
    count(*) as people_due,
    count(subsidy.person_key) as people_paid,
    count(*) filter (where subsidy.paid_on <= due.in_time) as people_paid_in_time,
    coalesce(sum(subsidy.yuan), 0) as yuan_paid
from due
left join subsidy on subsidy.month = due.payment_month and subsidy.person_key = due.person_key
group by due.month, due.township_code
