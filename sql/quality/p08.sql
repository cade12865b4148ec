-- One row per active pwd row with care subsidy: no elder nursing subsidy beside it.
select roll.month, roll.township_code, 'pwd_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    exists (
        select 1 from active_person as elder
        where elder.dataset = 'elder_roll' and elder.kind = '护理补贴'
            and elder.month = roll.month and elder.person_key = roll.person_key
    ) as broken
from register.pwd_roll as roll
where roll.active and roll.care_amount > 0 and roll.month in (select month from work.month)
