-- One row per month and county: the basic tekun standard is at least 1.3 times the urban dibao standard.
select tekun.month, tekun.county_code as township_code, 'policy_param' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    tekun.value < $multiple * dibao.value as broken
from in_force_standard as tekun
inner join in_force_standard as dibao on tekun.month = dibao.month and tekun.county_code = dibao.county_code and dibao.param_code = 'dibao_std_urban'
where tekun.param_code = 'tekun_basic_std'
