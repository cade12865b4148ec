-- One row per month and county: care standards rise with the need of care.
with grade as (
    select county_code, month,
        max(case when band = '全自理' then value end) as able,
        max(case when band = '半护理' then value end) as partly,
        max(case when band = '全护理' then value end) as unable
    from in_force_standard
    where param_code = 'tekun_care_std'
    group by county_code, month
)

select month, county_code as township_code, 'policy_param' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    able > partly or partly > unable as broken
from grade
