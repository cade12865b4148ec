-- One row per month and area: villages and communities in force, as indicators and as denominators (_G18).
with counted as (
    select
        work.month.month, ref_area, level,
        count(*) filter (where region_level = '村社' and region_kind = '村委会') as villages,
        count(*) filter (where region_level = '村社' and region_kind = '居委会') as communities,
        count(*) filter (where region_level = '乡镇') as townships
    from work.month
    cross join area
    left join unit on unit.month = work.month.month and starts_with(unit.region_code, area.ref_area)
    group by all
),
covering (indicator_id) as (
    values ('child_director_coverage'), ('elder_assoc_coverage'), ('village_council_coverage'),
    ('village_supervision_coverage'), ('publicity_village_coverage')
),
equipped (indicator_id) as (
    values ('onewindow_townships'), ('minor_station_coverage'), ('social_station_coverage')
)
select 'admin_villages' as indicator_id, month, ref_area, villages as numerator from counted
union all by name
select 'admin_communities' as indicator_id, month, ref_area, communities as numerator from counted
union all by name
select indicator_id, month, ref_area, villages + communities as denominator
from counted
cross join covering
union all by name
select indicator_id, month, ref_area, if(level = 'township', 1, townships) as denominator
from counted
cross join equipped
