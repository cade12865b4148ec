-- One row per month and county: how often the two disability subsidies' standards were raised or cut in the five-year plan so far.
with plan as (
    select month, month_end, make_date(year - (year - 1) % 5, 1, 1) as plan_start from work.month
),
step as (
    select
        county_code, param_code, valid_from,
        lag(valid_from) over (partition by county_code, param_code, band order by valid_from) as earlier
    from (
        select distinct sender.township_code as county_code, param_code, band, valid_from
        from register.policy_param as param
        join register.coverage as sender
            on sender.dataset = 'policy_param' and sender.month = param.month and sender.intake_no = param.intake_no
    )
    where param_code in ('pwd_living_std', 'pwd_care_std')
)
select
    'pwd_std_adjustments' as indicator_id, plan.month, county_code as ref_area,
    count(distinct valid_from) filter (
        where earlier is not null and valid_from between plan_start and month_end
    ) as numerator
from plan
join step on valid_from <= month_end
group by plan.month, county_code
