-- One row per active child: under eighteen, or at school.
select month, township_code, 'child_roll' as dataset, person_key, intake_no, sheet, row_no,
    age >= $age and not coalesce(in_school, false) as broken
from register.child_roll
where active and month in (select month from work.month)
