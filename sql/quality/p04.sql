-- One row per active pwd row with money: no work-injury nursing fee beside it (CF05).
select roll.month, roll.township_code, 'pwd_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    exists (
        select 1 from register.pwd_card as card
        where card.month = roll.month and card.person_key = roll.person_key and card.injury_nursing_fee
    ) as broken
from register.pwd_roll as roll
where roll.active and (roll.living_amount > 0 or roll.care_amount > 0) and roll.month in (select month from work.month)
