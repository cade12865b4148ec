-- One row per month and county: the parameters without a band that lead rules use, in force at the month's end by the files that
-- speak for the county (_G11); null where none is.
with latest as (
    select sender.township_code as county_code, param.*, row_number() over (
        partition by sender.township_code, param_code, valid_from
        order by param.month desc, param.intake_no desc, row_no desc
    ) as newest
    from register.policy_param as param
    join register.coverage as sender
        on sender.dataset = 'policy_param' and sender.month = param.month and sender.intake_no = param.intake_no
    where band is null
),
in_force as (
    select work.month.month, county_code, latest.param_code, latest.value, row_number() over (
        partition by work.month.month, county_code, latest.param_code
        order by latest.valid_from desc, latest.decided_on desc nulls last
    ) as rank
    from work.month
    join latest
        on latest.newest = 1
        and latest.valid_from <= work.month.month_end
        and (latest.valid_to is null or latest.valid_to > work.month.month_end)
)
select
    work.month.month, county.county_code,
    max(case when param_code = 'dibao_std_urban' then value end) as dibao_std_urban,
    max(case when param_code = 'dibao_std_rural' then value end) as dibao_std_rural,
    max(case when param_code = 'medical_alert_multiple' then value end) as medical_alert_multiple,
    max(case when param_code = 'asset_deposit_limit' then value end) as asset_deposit_limit,
    max(case when param_code = 'asset_hit_months' then value end) as asset_hit_months,
    max(case when param_code = 'temp_aid_cap_multiple' then value end) as temp_aid_cap_multiple
from work.month
cross join (select distinct left(township_code, 6) as county_code from register.coverage) as county
left join in_force
    on in_force.month = work.month.month and in_force.county_code = county.county_code and in_force.rank = 1
group by work.month.month, county.county_code
