-- One row per indicator, place and month: the few observations that rules read.
insert into indicator.observation by name
with persons as (
    select month, case scheme when '城市低保' then 'dibao_urban_persons' else 'dibao_rural_persons' end as indicator_id,
        township_code as ref_area, sex, count(distinct person_key) as persons
    from register.dibao_roll
    where active
    group by grouping sets (
        (month, scheme, township_code), (month, scheme), (month, scheme, township_code, sex)
    )
),

money as (
    select months.month, payment.township_code as ref_area,
        case payment.scheme when '城市低保' then 'dibao_spend_urban_ytd' else 'dibao_spend_rural_ytd' end as indicator_id,
        sum(payment.amount_paid) as amount
    from register.payment_ledger as payment
    inner join work.month as months on payment.month between months.year_start and months.month
    where payment.scheme in ('城市低保', '农村低保')
    group by months.month, payment.township_code, payment.scheme
),

spent as (
    select months.month, payment.township_code as ref_area, sum(payment.amount_paid) as amount
    from register.payment_ledger as payment
    inner join work.month as months on payment.month between months.year_start and months.month
    group by grouping sets ((months.month, payment.township_code), (months.month))
),

cell as (
    select indicator_id, coalesce(ref_area, $county) as ref_area, month, coalesce(sex, '_T') as sex,
        persons as numerator, null as denominator, persons as obs_value
    from persons
    union all
    select 'dibao_coverage', $county, month, '_T', count(distinct person_key), null, null
    from register.dibao_roll
    where active
    group by month
    union all
    select indicator_id, ref_area, month, '_T', amount, null, amount / 10000 from money
    union all
    select 'civil_spend_ytd', coalesce(ref_area, $county), month, '_T', amount, null, amount / 10000 from spent
    union all
    select 'dibao_new', township_code, month, '_T', 0, null, 0 from example_place cross join work.month
    union all
    select 'canteen_village_coverage', township_code, month, '_T', 1, 3, 100.0 / 3 from example_place cross join work.month
    union all
    select 'aid_fund_execution', $county, month, '_T', null, null, 100.0 * cast(substr(month, 6, 2) as integer) / 12 from work.month
)

select indicator_id, ref_area, month, 'M' as freq, '_T' as residence, sex, '_T' as age_group, '_T' as category,
    numerator, denominator, obs_value, 'A' as obs_status
from cell
