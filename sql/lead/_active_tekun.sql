-- One row per active row of the tekun roll: on_tekun is a row here (_G16).
select month, person_key, township_code, basic_amount, 'tekun_roll' as dataset, intake_no, sheet, row_no
from register.tekun_roll
where month in (select month from work.month) and active
