-- One row per active old-age allowance: seventy or older, and the amount of the age band.
with band as (
    select county_code, month, value, known_value,
        try_cast(replace(split_part(band, '-', 1), '+', '') as integer) as lowest,
        coalesce(try_cast(split_part(band, '-', 2) as integer), 200) as highest
    from in_force_standard
    where param_code = 'old_age_std'
)

select roll.month, roll.township_code, 'elder_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    roll.age < $age
    or least(abs(roll.monthly_amount - band.value), abs(roll.monthly_amount - band.known_value)) > $tolerance as broken
from register.elder_roll as roll
left join band
    on roll.month = band.month and left(roll.township_code, 6) = band.county_code
    and roll.age between band.lowest and band.highest
where roll.active and roll.subsidy_kind = '高龄补贴' and roll.month in (select month from work.month)
