-- One row per active pwd row with living subsidy: the person draws no child's basic money (CF04).
select roll.month, roll.township_code, 'pwd_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    exists (
        select 1 from active_person as child
        where child.dataset = 'child_roll' and child.month = roll.month and child.person_key = roll.person_key
    ) as broken
from register.pwd_roll as roll
where roll.active and roll.living_amount > 0 and roll.month in (select month from work.month)
