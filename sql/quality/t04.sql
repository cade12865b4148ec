-- One row per active tekun row of 18 to 20 without a disability card: at school.
select roll.month, roll.township_code, 'tekun_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    not coalesce(roll.in_school, false) as broken
from register.tekun_roll as roll
where roll.active and roll.age between $low and $high and roll.month in (select month from work.month)
    and not exists (select 1 from register.pwd_card as card where card.month = roll.month and card.person_key = roll.person_key)
