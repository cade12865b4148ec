-- One row per recipient of an old people's subsidy that counts in an indicator of the month.
with active as (
    select
        roll.*, work.month.month_end,
        case ability_grade
            when '能力完好' then 'GRADE_0' when '轻度失能' then 'GRADE_1' when '中度失能' then 'GRADE_2'
            when '重度失能' then 'GRADE_3' when '完全失能' then 'GRADE_4' else 'GRADE_U'
        end as grade
    from register.elder_roll as roll
    join work.month using (month)
    where active
),
assessed_version as (
    select
        work.month.month, person_key, assessed_on, valid_until,
        row_number() over (
            partition by work.month.month, person_key, assessed_on
            order by assess.month desc, intake_no desc, row_no desc
        ) as rank
    from register.elder_assess as assess
    join work.month on assess.month <= work.month.month
),
assessed as (
    select distinct month, person_key
    from assessed_version
    join work.month using (month)
    where rank = 1 and month_end between assessed_on and valid_until
),
subsidised as (
    select * from active where subsidy_kind in ('养老服务补贴', '护理补贴', '综合补贴')
)
select 'old_age_allowance' as indicator_id, month, township_code, person_key as case_key, sex, elder_age_group(age) as age_group
from active
where subsidy_kind = '高龄补贴'
union all by name
select 'old_age_coverage' as indicator_id, month, township_code, person_key as case_key
from active
where subsidy_kind = '高龄补贴'
union all by name
select 'elder_service_subsidy' as indicator_id, month, township_code, person_key as case_key, sex, grade as category
from active
where subsidy_kind = '养老服务补贴'
union all by name
select 'elder_care_subsidy' as indicator_id, month, township_code, person_key as case_key
from active
where subsidy_kind = '护理补贴'
union all by name
select 'elder_assess_rate' as indicator_id, 'denominator' as part, month, township_code, person_key as case_key
from subsidised
union all by name
select 'elder_assess_rate' as indicator_id, 'numerator' as part, month, township_code, person_key as case_key
from subsidised
join assessed using (month, person_key)
union all by name
select 'elder_subsidy_precision' as indicator_id, 'denominator' as part, month, township_code, person_key as case_key
from active
union all by name
select 'elder_subsidy_precision' as indicator_id, 'numerator' as part, month, township_code, person_key as case_key
from active
where not exists (
    select 1 from lead.lead as lead
    where lead.rule_id = 'CB07' and lead.month = active.month and lead.person_key = active.person_key
)
