-- One row per facility: residents do not pass its beds by more than a twentieth.
select month, township_code, 'care_facility' as dataset, null as person_key, intake_no, sheet, row_no,
    resident_count > $share * bed_count as broken
from register.care_facility
where month in (select month from work.month)
