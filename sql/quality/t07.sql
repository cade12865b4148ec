-- One row per active tekun row: basic and care money are the standards of the month (in force, or known when it was paid).
select roll.month, roll.township_code, 'tekun_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    least(abs(roll.basic_amount - basic.value), abs(roll.basic_amount - basic.known_value)) > $tolerance
    or least(abs(roll.care_amount - care.value), abs(roll.care_amount - care.known_value)) > $tolerance as broken
from register.tekun_roll as roll
left join in_force_standard as basic
    on roll.month = basic.month and basic.param_code = 'tekun_basic_std' and left(roll.township_code, 6) = basic.county_code
left join in_force_standard as care
    on roll.month = care.month and care.param_code = 'tekun_care_std' and care.band = roll.self_care_grade
    and left(roll.township_code, 6) = care.county_code
where roll.active and roll.month in (select month from work.month)
