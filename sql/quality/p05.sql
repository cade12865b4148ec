-- One row per active pwd row and subsidy drawn: the amount is the standard of its kind and level.
with drawn as (
    select month, township_code, person_key, intake_no, sheet, row_no, 'pwd_living_std' as param_code,
        living_amount as amount, disability_level
    from register.pwd_roll
    where active and living_amount > 0 and month in (select month from work.month)
    union all
    select month, township_code, person_key, intake_no, sheet, row_no, 'pwd_care_std', care_amount, disability_level
    from register.pwd_roll
    where active and care_amount > 0 and month in (select month from work.month)
)

select drawn.month, drawn.township_code, 'pwd_roll' as dataset, drawn.person_key, drawn.intake_no, drawn.sheet, drawn.row_no,
    least(abs(drawn.amount - standard.value), abs(drawn.amount - standard.known_value)) > $tolerance as broken
from drawn
left join in_force_standard as standard
    on drawn.month = standard.month and left(drawn.township_code, 6) = standard.county_code and drawn.param_code = standard.param_code
    and standard.band = case when drawn.disability_level in ('1', '2') then '1-2级' when drawn.disability_level in ('3', '4') then '3-4级' end
