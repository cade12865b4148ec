-- One row per month and county: the standard for de facto unattended children is that of orphans in families.
select fact.month, fact.county_code as township_code, 'policy_param' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    fact.value <> orphan.value as broken
from in_force_standard as fact
inner join in_force_standard as orphan
    on fact.month = orphan.month and fact.county_code = orphan.county_code and orphan.param_code = 'orphan_std' and orphan.band = '社会散居'
where fact.param_code = 'fact_orphan_std'
