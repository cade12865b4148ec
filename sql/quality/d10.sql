-- One row per active dibao row with a top-up: the person belongs to a group that gets one, and the share is right.
select roll.month, roll.township_code, 'dibao_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    not (
        coalesce(try_cast(roll.disability_level as integer) <= $severe_level, false)
        or coalesce(roll.severe_illness, false)
        or coalesce(roll.age >= $elder_age or roll.age < $minor_age, false)
    )
    or least(
        abs(roll.top_up_amount - standard.monthly * share.value / 100),
        abs(roll.top_up_amount - standard.highest_monthly * share.value / 100)
    ) > $tolerance as broken
from register.dibao_roll as roll
left join dibao_standard as standard on roll.month = standard.month and roll.scheme = standard.scheme
left join in_force_standard as share on roll.month = share.month and share.param_code = 'top_up_share'
where roll.active and roll.top_up_amount > 0 and roll.month in (select month from work.month)
