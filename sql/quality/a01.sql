-- One row per grant: it reaches at least one person-time, so person-times are never fewer than persons.
select month, township_code, 'temp_aid' as dataset, person_key, intake_no, sheet, row_no,
    person_times < 1 as broken
from register.temp_aid
where month in (select month from work.month)
