-- One row per triggered index month and township: who is due the price subsidy, how much, who was paid, who in time (by the
-- end of the month in which the index was published; docs/sources.md 2.2). `price_link_payee` tells the groups by index month.
-- Due a head: the monthly dibao standard of the scheme (in town for all but rural dibao) times the year-on-year rise of the
-- index that started the linkage, the higher one where both did. So published for Hubei (rounded there to whole yuan, here
-- not); no source at hand says what Qinghai does.
with trigger_month as (
    select township_code as county_code, month, published_on, rise, strftime(published_on, '%Y-%m') as payment_month
    from ({price_link_trigger}) as price
    where triggered = 1 and published_on is not null
),
standard as (
    select sender.township_code as county_code, work.month.month, param.param_code,
        arg_max(param.value, (param.valid_from, param.month, param.intake_no)) as value
    from work.month
    join register.policy_param as param
        on param.param_code in ('dibao_std_urban', 'dibao_std_rural')
        and param.band is null
        and param.valid_from <= work.month.month_end
        and (param.valid_to is null or param.valid_to > work.month.month_end)
    join register.coverage as sender
        on sender.dataset = 'policy_param' and sender.month = param.month and sender.intake_no = param.intake_no
    group by sender.township_code, work.month.month, param.param_code
),
payee as (
    select month, person_key, township_code, 'dibao' as class, if(scheme = '农村低保', 'dibao_std_rural', 'dibao_std_urban') as param_code
    from register.dibao_roll
    where active
    union all
    select month, person_key, township_code, 'tekun', 'dibao_std_urban' from register.tekun_roll where active
    union all
    select month, person_key, township_code, 'child', 'dibao_std_urban' from register.child_roll where active
    union all
    select month, person_key, township_code, 'edge', 'dibao_std_urban'
    from register.lowinc_register
    where lowinc_class = '低保边缘'
        and entered_on <= last_day(cast(month || '-01' as date))
        and (left_on is null or left_on > last_day(cast(month || '-01' as date)))
),
due as (
    select trigger_month.month, payee.person_key, payee.township_code, trigger_month.payment_month,
        last_day(trigger_month.published_on) as in_time,
        max(standard.value / if(standard.param_code = 'dibao_std_rural', 12, 1) * trigger_month.rise / 100) as yuan
    from trigger_month
    join payee
        on payee.month = trigger_month.payment_month and left(payee.township_code, 6) = trigger_month.county_code
    join price_link_payee as entitled
        on entitled.class = payee.class
        and entitled.first_month <= trigger_month.month
        and (entitled.last_month is null or entitled.last_month >= trigger_month.month)
    left join standard
        on standard.county_code = trigger_month.county_code and standard.month = trigger_month.month
        and standard.param_code = payee.param_code
    group by trigger_month.month, payee.person_key, payee.township_code, trigger_month.payment_month, trigger_month.published_on
),
subsidy as (
    select month, person_key, min(paid_on) as paid_on, sum(amount_paid) as yuan
    from register.payment_ledger
    where payment_kind = '价格临时补贴' and paid_on is not null and amount_paid > 0
    group by month, person_key
)
select due.month, due.township_code,
    count(*) as people_due,
    round(sum(due.yuan), 2) as yuan_due,
    count(subsidy.person_key) as people_paid,
    count(*) filter (where subsidy.paid_on <= due.in_time) as people_paid_in_time,
    coalesce(sum(subsidy.yuan), 0) as yuan_paid
from due
left join subsidy on subsidy.month = due.payment_month and subsidy.person_key = due.person_key
group by due.month, due.township_code
