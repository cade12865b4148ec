-- One row per active tekun row in institution care: its facility is on the month's list, open, and not over-full.
select roll.month, roll.township_code, 'tekun_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    not exists (
        select 1
        from register.care_facility as facility
        inner join work.month as months on facility.month = months.month
        where facility.month = roll.month and facility.facility_code = roll.facility_code
            and (facility.closed_on is null or facility.closed_on > months.month_end)
            and facility.resident_count <= facility.bed_count
    ) as broken
from register.tekun_roll as roll
where roll.active and roll.support_form = '集中' and roll.month in (select month from work.month)
