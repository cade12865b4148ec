-- One row per county, month and standard in force, by band where it has bands (_G11).
with now as (select * from parameter where lag_months = 0),
year_ago as (select * from parameter where lag_months = 12),
plain (indicator_id) as (
    values ('dibao_std_urban'), ('dibao_std_rural'), ('tekun_basic_std'), ('fact_orphan_std')
),
banded (indicator_id, band, category, age_group) as (
    values
    ('orphan_std', '集中养育', 'CARE_INST', '_T'), ('orphan_std', '社会散居', 'CARE_SOCIAL', '_T'),
    ('pwd_living_std', '1-2级', 'LV12', '_T'), ('pwd_living_std', '3-4级', 'LV34', '_T'),
    ('pwd_care_std', '1-2级', 'LV12', '_T'),
    ('tekun_care_std', '全自理', 'CARE_SELF', '_T'), ('tekun_care_std', '半护理', 'CARE_PARTIAL', '_T'),
    ('tekun_care_std', '全护理', 'CARE_FULL', '_T'),
    ('old_age_std', '70-79', '_T', 'Y70T79'), ('old_age_std', '80-89', '_T', 'Y80T89'),
    ('old_age_std', '90-99', '_T', 'Y90T99'), ('old_age_std', '100+', '_T', 'Y_GE100'),
    ('elder_service_std', '能力完好', 'GRADE_0', '_T'), ('elder_service_std', '轻度失能', 'GRADE_1', '_T'),
    ('elder_service_std', '中度失能', 'GRADE_2', '_T'), ('elder_service_std', '重度失能', 'GRADE_3', '_T'),
    ('elder_service_std', '完全失能', 'GRADE_4', '_T')
),
growing (indicator_id, param_code, band, category) as (
    values
    ('dibao_std_growth_urban', 'dibao_std_urban', null, '_T'), ('dibao_std_growth_rural', 'dibao_std_rural', null, '_T'),
    ('orphan_std_growth', 'orphan_std', '集中养育', 'CARE_INST'), ('orphan_std_growth', 'orphan_std', '社会散居', 'CARE_SOCIAL')
),
compared (indicator_id, upper_code, lower_code, factor) as (
    values ('dibao_std_ratio_rural_urban', 'dibao_std_rural', 'dibao_std_urban', 12), ('tekun_std_ratio', 'tekun_basic_std', 'dibao_std_urban', 1)
),
facts as (
    select indicator_id, county_code, month, '_T' as category, '_T' as age_group, value as numerator, cast(null as double) as denominator
    from plain
    join now on now.param_code = plain.indicator_id and now.band is null
    union all
    select indicator_id, county_code, month, category, age_group, value, null
    from banded
    join now on now.param_code = banded.indicator_id and now.band = banded.band
    union all
    select indicator_id, now.county_code, now.month, category, '_T', now.value - year_ago.value, year_ago.value
    from growing
    join now on now.param_code = growing.param_code and now.band is not distinct from growing.band
    join year_ago
        on year_ago.county_code = now.county_code and year_ago.month = now.month and year_ago.param_code = now.param_code and year_ago.band is not distinct from now.band
    union all
    select indicator_id, upper.county_code, upper.month, '_T', '_T', upper.value, factor * lower.value
    from compared
    join now as upper on upper.param_code = upper_code and upper.band is null
    join now as lower
        on lower.param_code = lower_code and lower.band is null and lower.month = upper.month and lower.county_code = upper.county_code
)
select facts.* exclude (county_code), county_code as ref_area
from facts
