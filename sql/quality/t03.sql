-- One row per active tekun row: old enough, a minor, at school, or with a disability card.
with minor_age as (
    select county_code, month, value from in_force_standard where param_code = 'tekun_minor_age'
)

select roll.month, roll.township_code, 'tekun_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    not (
        roll.age >= $elder_age
        or roll.age < coalesce(minor_age.value, $minor_age)
        or (roll.age <= $school_age and coalesce(roll.in_school, false))
        or exists (select 1 from register.pwd_card as card where card.month = roll.month and card.person_key = roll.person_key)
    ) as broken
from register.tekun_roll as roll
left join minor_age on roll.month = minor_age.month and left(roll.township_code, 6) = minor_age.county_code
where roll.active and roll.month in (select month from work.month)
