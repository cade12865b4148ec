-- One row per facility that was there the month before: beds moved by no more than a fifth unless it opened or closed.
select facility.month, facility.township_code, 'care_facility' as dataset, null as person_key,
    facility.intake_no, facility.sheet, facility.row_no,
    abs(facility.bed_count - before.bed_count) > $share * before.bed_count
    and not coalesce(facility.opened_on >= months.month_start, false)
    and not coalesce(facility.closed_on >= months.month_start and facility.closed_on <= months.month_end, false) as broken
from register.care_facility as facility
inner join work.month as months on facility.month = months.month
left join register.care_facility as before
    on months.previous_month = before.month and facility.facility_code = before.facility_code
