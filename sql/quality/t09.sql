-- One row per active pwd row with money: the person is not on the tekun roll (CF03).
select roll.month, roll.township_code, 'pwd_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    exists (
        select 1 from active_person as tekun
        where tekun.dataset = 'tekun_roll' and tekun.month = roll.month and tekun.person_key = roll.person_key
    ) as broken
from register.pwd_roll as roll
where roll.active and (roll.living_amount > 0 or roll.care_amount > 0) and roll.month in (select month from work.month)
