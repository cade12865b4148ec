-- One row per indicator, month, area and cell: distinct things counted, a person in two townships once in the county (_G05).
with placed as (
    select indicator_case.* exclude (part), coalesce(part, 'numerator') as part, ref_area
    from indicator_case
    join area_of using (township_code)
),
grouped as (
    select
        indicator_id, part, month, ref_area, residence, sex, age_group, category, second_category,
        grouping(residence, sex, age_group, category, second_category) as marks,
        count(distinct case_key) as things
    from placed
    group by grouping sets (
        (indicator_id, part, month, ref_area),
        (indicator_id, part, month, ref_area, residence),
        (indicator_id, part, month, ref_area, sex),
        (indicator_id, part, month, ref_area, age_group),
        (indicator_id, part, month, ref_area, category),
        (indicator_id, part, month, ref_area, second_category)
    )
),
cells as (
    select
        indicator_id, part, month, ref_area, coalesce(residence, '_T') as residence, coalesce(sex, '_T') as sex,
        coalesce(age_group, '_T') as age_group, coalesce(category, second_category, '_T') as category, things
    from grouped
    where marks = 31 or coalesce(residence, sex, age_group, category, second_category) is not null
    union all
    select indicator_id, coalesce(part, 'numerator'), month, village_code, '_T', '_T', '_T', '_T', count(distinct case_key)
    from indicator_case
    where village_code is not null
    group by all
)
select
    indicator_id, month, ref_area, residence, sex, age_group, category,
    cast(max(things) filter (where part = 'numerator') as double) as numerator,
    cast(max(things) filter (where part = 'denominator') as double) as denominator,
    cast(null as double) as value,
    cast(null as varchar) as status,
    cast(null as varchar) as note
from cells
group by indicator_id, month, ref_area, residence, sex, age_group, category
