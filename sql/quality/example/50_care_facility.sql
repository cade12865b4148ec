-- One row per house and month: one in each township.
insert into register.care_facility by name
select months.month, township_code, township_code || '200' as region_code, 'house-' || township_code as facility_code,
    '虚构一院' as facility_name, '特困供养机构' as facility_kind, '公办公营' as ownership, $persons + 60 as bed_count,
    20 as nursing_bed_count, $persons + 40 as resident_count, 3 as tekun_resident_count, 5 as dependent_resident_count,
    8 as caregiver_count, 6 as certified_caregiver_count, 4 as trained_person_times, true as recreation_standard_met,
    date '2012-05-01' as opened_on, 21 as intake_no, '' as sheet, place_no as row_no
from example_place
cross join work.month as months
