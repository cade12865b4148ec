-- One row per county, month of the years computed, lag (0 or 12 months earlier), parameter and band: the value in force (_G11),
-- by the files that speak for the county. A value that a parallel run sets holds for every month, instead of what is in force.
with stated as (
    select sender.township_code as county_code, param.*
    from register.policy_param as param
    join register.coverage as sender
        on sender.dataset = 'policy_param' and sender.month = param.month and sender.intake_no = param.intake_no
),
latest as (
    select
        county_code, param_code, band, value, valid_from, valid_to, decided_on,
        row_number() over (
            partition by county_code, param_code, band, valid_from
            order by month desc, intake_no desc, decided_on desc nulls last, row_no desc
        ) as rank
    from stated
),
asked as (
    select distinct source_month as month, 0 as lag_months, last_day(cast(source_month || '-01' as date)) as month_end
    from window_month
    union all
    select month, 12, last_day(cast(month_start - interval 12 month as date)) from work.month
),
in_force as (
    select
        county_code, month, lag_months, param_code, band, cast(value as double) as value,
        row_number() over (
            partition by county_code, month, lag_months, param_code, band order by valid_from desc, decided_on desc nulls last
        ) as rank
    from asked
    join latest on latest.rank = 1 and valid_from <= month_end and (valid_to is null or valid_to > month_end)
)
select county_code, month, lag_months, param_code, band, value
from in_force
where rank = 1 and not (band is null and param_code in (select param_code from parameter_set))
union all
select county_code, asked.month, lag_months, param_code, cast(null as varchar), value
from asked
cross join parameter_set
cross join (select county_code from area where level = 'county') as county
