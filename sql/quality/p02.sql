-- One row per active pwd row with care subsidy: level 1 or 2, or 3-4 mental and intellectual where the county widened it.
with widened as (
    select distinct county_code, month from in_force_standard where param_code = 'pwd_care_std' and band = '3-4级'
)

select roll.month, roll.township_code, 'pwd_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    not (
        try_cast(roll.disability_level as integer) <= $level
        or (roll.disability_type in ('智力', '精神') and widened.month is not null)
    ) as broken
from register.pwd_roll as roll
left join widened on roll.month = widened.month and left(roll.township_code, 6) = widened.county_code
where roll.active and roll.care_amount > 0 and roll.month in (select month from work.month)
