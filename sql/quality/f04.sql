-- One row per township: facilities and beds by kind add up to all (an unknown word stands apart).
select month, township_code, 'care_facility' as dataset, null as person_key, null as intake_no, null as sheet, null as row_no,
    count(*) filter (where facility_kind in ('社会福利院', '特困供养机构', '其他养老机构', '未知')) <> count(*)
    or sum(case when facility_kind in ('社会福利院', '特困供养机构', '其他养老机构', '未知') then bed_count else 0 end)
    <> sum(bed_count) as broken
from register.care_facility
where month in (select month from work.month)
group by month, township_code
