-- One row per month, area and population figure: the context indicators and the denominators of rates (_G12).
select 'pop_resident' as indicator_id, month, ref_area, '_T' as residence, population as numerator, status, note from population_in_force
union all by name
select 'pop_60plus' as indicator_id, month, ref_area, '_T' as residence, age_60_plus as numerator, status, note from population_in_force
union all by name
select 'pop_80plus' as indicator_id, month, ref_area, '_T' as residence, age_80_plus as numerator, status, note from population_in_force
union all by name
select 'pop_60plus_share' as indicator_id, month, ref_area, '_T' as residence, age_60_plus as numerator, population as denominator, status, note
from population_in_force
union all by name
select 'dibao_coverage' as indicator_id, month, ref_area, '_T' as residence, population as denominator, status, note from population_in_force
union all by name
select 'dibao_coverage' as indicator_id, month, ref_area, 'U' as residence, urban_population as denominator, status, note
from population_in_force
union all by name
select 'dibao_coverage' as indicator_id, month, ref_area, 'R' as residence, rural_population as denominator, status, note
from population_in_force
union all by name
select 'old_age_coverage' as indicator_id, month, ref_area, '_T' as residence, age_70_plus as denominator, status, note from population_in_force
union all by name
select 'beds_per_1000_60plus' as indicator_id, month, ref_area, '_T' as residence, age_60_plus as denominator, status, note from population_in_force
union all by name
select 'social_workers_per_1000_elders' as indicator_id, month, ref_area, '_T' as residence, age_60_plus as denominator, status, note from population_in_force
union all by name
select 'ngo_per_10k' as indicator_id, month, ref_area, '_T' as residence, population as denominator, status, note from population_in_force
