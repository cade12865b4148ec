-- One row per village or community of an indicator, in its denominator; and in its numerator where a canteen, a site or an
-- institution serves it (_G18).
with site as (
    select month, site_kind, region_code, coalesce(served_region_codes, '') as served
    from register.community_care
    join work.month using (month)
    where operating
),
reached as (
    select
        unit.month, unit.region_code, unit.township_code, unit.region_kind,
        exists (
            select 1 from site
            where site.month = unit.month and site.site_kind = '幸福食堂' and contains(site.served, unit.region_code)
        ) as by_canteen,
        exists (
            select 1 from site
            where site.month = unit.month
                and (contains(site.served, unit.region_code) or site.region_code = unit.region_code)
        ) or exists (
            select 1 from facility
            where facility.month = unit.month and is_open and facility.region_code = unit.region_code
        ) as by_any
    from unit
    where region_level = '村社'
)
select
    'canteen_village_coverage' as indicator_id, 'denominator' as part, month, township_code, region_code as case_key
from reached
union all by name
select 'canteen_village_coverage' as indicator_id, 'numerator' as part, month, township_code, region_code as case_key
from reached
where by_canteen
union all by name
select
    'elder_facility_village_coverage' as indicator_id, 'denominator' as part, month, township_code, region_code as case_key
from reached
union all by name
select 'elder_facility_village_coverage' as indicator_id, 'numerator' as part, month, township_code, region_code as case_key
from reached
where by_any
union all by name
select
    'rural_service_facility_coverage' as indicator_id, 'denominator' as part, month, township_code, region_code as case_key
from reached
where region_kind = '村委会'
union all by name
select 'rural_service_facility_coverage' as indicator_id, 'numerator' as part, month, township_code, region_code as case_key
from reached
where by_any and region_kind = '村委会'
