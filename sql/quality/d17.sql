-- One row per active dibao row: nobody under sixteen is a household of one.
select month, township_code, 'dibao_roll' as dataset, person_key, intake_no, sheet, row_no,
    household_size_covered = 1 and age < $age as broken
from register.dibao_roll
where active and month in (select month from work.month)
