-- One row per indicator, month and area whose value an unresolved finding could change by an amount nobody can tell.
with touched as (
    select target as indicator_id, month, township_code
    from unresolved
    join finding_effect using (rule_id)
    where effect = 'unsettles'
    union
    select indicator_id, month, township_code
    from unresolved
    join finding_effect using (rule_id)
    join list_count on list_count.list = finding_effect.target and part = 'amounts'
)
select indicator_id, month, ref_area
from touched
join area_of using (township_code)
union
select touched.indicator_id, month, area.ref_area
from touched
join area
    on touched.township_code not in (select county_code from whole)
    or coalesce(area.county_code, touched.township_code) = touched.township_code
where touched.township_code not in (select township_code from area_of)
