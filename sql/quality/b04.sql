-- One row per township: spending of the year as shown is welfare, assistance, administration, pensions and other, by function code.
with monthly as (
    select month, township_code, sum(amount_paid) filter (where function_code like '20810__' or function_code like '20811__') as welfare,
        sum(amount_paid) filter (where regexp_matches(function_code, '^208(19|20|21|25)\d\d$')) as assistance,
        sum(amount_paid) filter (where function_code like '20802__') as administration,
        sum(amount_paid) filter (where function_code like '20805__') as pensions,
        sum(amount_paid) filter (
            where regexp_matches(function_code, '^\d{7}$') and not regexp_matches(function_code, '^208(02|05|10|11|19|20|21|25)')
        ) as other
    from register.payment_ledger
    where paid_on is not null
    group by month, township_code
),

paid as (
    select months.month, monthly.township_code,
        sum(coalesce(welfare, 0) + coalesce(assistance, 0) + coalesce(administration, 0) + coalesce(pensions, 0) + coalesce(other, 0))
        as amount
    from monthly
    inner join work.month as months on monthly.month between months.year_start and months.month
    group by months.month, monthly.township_code
)

select shown.month, shown.ref_area as township_code, 'observation' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    round(abs(shown.numerator - coalesce(paid.amount, 0)), 2) > $tolerance as broken
from indicator.observation as shown
left join paid on shown.month = paid.month and shown.ref_area = paid.township_code
where shown.indicator_id = 'civil_spend_ytd' and length(shown.ref_area) = 9 and shown.obs_status <> 'M'
    and shown.month in (select month from work.month)
