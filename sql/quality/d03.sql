-- One row per cell of dibao persons by sex, age or disability: no part is larger than the whole.
with persons as (
    select month, indicator_id, ref_area, sex, age_group, category, obs_value
    from indicator.observation
    where indicator_id in ('dibao_urban_persons', 'dibao_rural_persons') and month in (select month from work.month)
)

select part.month, part.ref_area as township_code, 'observation' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    part.obs_value > whole.obs_value as broken
from persons as part
inner join persons as whole
    on part.month = whole.month and part.indicator_id = whole.indicator_id and part.ref_area = whole.ref_area
    and whole.sex = '_T' and whole.age_group = '_T' and whole.category = '_T'
where length(part.ref_area) = 9 and (part.sex <> '_T' or part.age_group <> '_T' or part.category <> '_T')
