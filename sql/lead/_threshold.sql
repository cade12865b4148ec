-- One row per month: the parameters without a band that lead rules use, in force at the month's end (_G11); null when none is.
with latest as (
    select *, row_number() over (
        partition by param_code, band, valid_from order by month desc, intake_no desc, row_no desc
    ) as newest
    from register.policy_param
    where band is null
),
in_force as (
    select work.month.month, latest.param_code, latest.value, row_number() over (
        partition by work.month.month, latest.param_code
        order by latest.valid_from desc, latest.decided_on desc nulls last
    ) as rank
    from work.month
    join latest
        on latest.newest = 1
        and latest.valid_from <= work.month.month_end
        and (latest.valid_to is null or latest.valid_to > work.month.month_end)
)
select
    work.month.month,
    max(case when param_code = 'dibao_std_urban' then value end) as dibao_std_urban,
    max(case when param_code = 'dibao_std_rural' then value end) as dibao_std_rural,
    max(case when param_code = 'medical_alert_multiple' then value end) as medical_alert_multiple,
    max(case when param_code = 'asset_deposit_limit' then value end) as asset_deposit_limit,
    max(case when param_code = 'asset_hit_months' then value end) as asset_hit_months,
    max(case when param_code = 'temp_aid_cap_multiple' then value end) as temp_aid_cap_multiple
from work.month
left join in_force on in_force.month = work.month.month and in_force.rank = 1
group by work.month.month
