-- One row per active row of the roll of orphans and unattended children: on_child is a row here (_G16).
select month, person_key, township_code, child_class, 'child_roll' as dataset, intake_no, sheet, row_no
from register.child_roll
where month in (select month from work.month) and active
