-- One row per person that counts in a tekun indicator of the month.
with active as (
    select
        roll.*,
        if(area = '城市', 'tekun_urban_persons', 'tekun_rural_persons') as headline,
        case support_form when '集中' then 'FORM_C' when '分散' then 'FORM_D' else 'FORM_U' end as form,
        case self_care_grade
            when '全自理' then 'CARE_SELF' when '半护理' then 'CARE_PARTIAL' when '全护理' then 'CARE_FULL' else 'CARE_U'
        end as care
    from register.tekun_roll as roll
    join work.month using (month)
    where active
)
select
    headline as indicator_id, month, township_code, person_key as case_key, sex, age_group(age) as age_group,
    form as category, care as second_category
from active
union all by name
select 'tekun_central' as indicator_id, month, township_code, person_key as case_key
from active
where form = 'FORM_C'
union all by name
select 'tekun_central_rate' as indicator_id, 'denominator' as part, month, township_code, person_key as case_key
from active
union all by name
select 'tekun_central_rate' as indicator_id, 'numerator' as part, month, township_code, person_key as case_key
from active
where form = 'FORM_C'
union all by name
select
    'tekun_dependent_central_rate' as indicator_id, 'denominator' as part, month, township_code, person_key as case_key,
    care as category
from active
where care in ('CARE_PARTIAL', 'CARE_FULL')
union all by name
select
    'tekun_dependent_central_rate' as indicator_id, 'numerator' as part, month, township_code, person_key as case_key,
    care as category
from active
where care in ('CARE_PARTIAL', 'CARE_FULL') and form = 'FORM_C'
union all by name
select 'tekun_minor_16_17' as indicator_id, month, township_code, person_key as case_key, sex
from active
where age in (16, 17)
union all by name
select 'tekun_care_tier_persons' as indicator_id, month, township_code, person_key as case_key, care as category
from active
