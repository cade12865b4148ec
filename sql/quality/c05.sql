-- One row per month and county: the orphan standard for institutions is not below the one for families.
select inside.month, inside.county_code as township_code, 'policy_param' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    inside.value < outside.value as broken
from in_force_standard as inside
inner join in_force_standard as outside
    on inside.month = outside.month and inside.county_code = outside.county_code and outside.param_code = 'orphan_std' and outside.band = '社会散居'
where inside.param_code = 'orphan_std' and inside.band = '集中养育'
