-- One row per month, area and kind of institution: beds, residents and staff of the open facilities (_G17).
with counted as (
    select
        month, ref_area,
        case
            when grouping(facility_kind) = 1 then '_T'
            when facility_kind = '社会福利院' then 'K_WELFARE'
            when facility_kind = '特困供养机构' then 'K_TEKUN'
            when facility_kind = '其他养老机构' then 'K_OTHER'
            else 'K_U'
        end as category,
        count(*) as facilities, sum(bed_count) as beds, sum(nursing_bed_count) as nursing_beds,
        sum(resident_count) as residents, sum(caregiver_count) as caregivers, sum(certified_caregiver_count) as certified,
        count(*) filter (where facility_kind = '特困供养机构') as tekun_homes,
        count(*) filter (where facility_kind = '特困供养机构' and recreation_standard_met) as equipped
    from facility
    join area_of using (township_code)
    where is_open
    group by grouping sets ((month, ref_area), (month, ref_area, facility_kind))
),
total as (select * from counted where category = '_T')
select 'inst_count' as indicator_id, month, ref_area, category, facilities as numerator from counted
union all by name
select 'inst_beds' as indicator_id, month, ref_area, category, beds as numerator from counted
union all by name
select 'nursing_beds' as indicator_id, month, ref_area, category, nursing_beds as numerator from counted
union all by name
select 'nursing_bed_share' as indicator_id, month, ref_area, category, nursing_beds as numerator, beds as denominator from total
union all by name
select 'bed_occupancy' as indicator_id, month, ref_area, category, residents as numerator, beds as denominator from total
union all by name
select 'inst_residents' as indicator_id, month, ref_area, category, residents as numerator from total
union all by name
select 'caregivers' as indicator_id, month, ref_area, category, caregivers as numerator from total
union all by name
select 'caregiver_cert_rate' as indicator_id, month, ref_area, category, certified as numerator, caregivers as denominator from total
union all by name
select 'tekun_recreation_items' as indicator_id, month, ref_area, category, equipped as numerator, tekun_homes as denominator from total
union all by name
select unnest(['beds_total', 'beds_per_1000_60plus']) as indicator_id, month, ref_area, category, beds as numerator from total
union all by name
select 'caregiver_trained' as indicator_id, reading.month, ref_area, '_T' as category, sum(trained_person_times) as numerator
from register.care_facility as facility
join window_month as reading on reading.reading = 'year_to_date' and reading.source_month = facility.month
join area_of using (township_code)
group by reading.month, ref_area
