-- One row per facility: tekun persons on the roll who live there are not more than its residents.
with inside as (
    select month, facility_code, count(distinct person_key) as persons
    from register.tekun_roll
    where active and support_form = '集中' and month in (select month from work.month)
    group by month, facility_code
)

select facility.month, facility.township_code, 'care_facility' as dataset, null as person_key,
    facility.intake_no, facility.sheet, facility.row_no,
    greatest(coalesce(inside.persons, 0), facility.tekun_resident_count) > facility.resident_count as broken
from register.care_facility as facility
left join inside on facility.month = inside.month and facility.facility_code = inside.facility_code
where facility.month in (select month from work.month)
