-- One row per month and township: tekun minors of 16 and 17 who are on, and those stopped although below the age in force
-- (tekun_minor_age; clause 3.1.2.s3 raises it from 16 to 18). Deaths and removals are no breach (SYS-AGE-RULE).
with limit_of as (
    select sender.township_code as county_code, work.month.month, arg_max(param.value, param.valid_from) as minor_age
    from work.month
    join register.policy_param as param
        on param.param_code = 'tekun_minor_age'
        and param.valid_from <= work.month.month_end
        and (param.valid_to is null or param.valid_to > work.month.month_end)
    join register.coverage as sender
        on sender.dataset = 'policy_param' and sender.month = param.month and sender.intake_no = param.intake_no
    group by sender.township_code, work.month.month
)
select roll.month, roll.township_code,
    count(distinct roll.person_key) filter (where roll.active and roll.age in (16, 17)) as people_16_17,
    count(distinct roll.person_key) filter (
        where roll.status = '停保' and roll.age >= 16 and roll.age < limit_of.minor_age
            and coalesce(roll.stop_reason, '') not in ('死亡', '迁出')
    ) as people_stopped_early
from register.tekun_roll as roll
join work.month using (month)
left join limit_of on limit_of.month = roll.month and limit_of.county_code = left(roll.township_code, 6)
group by roll.month, roll.township_code
