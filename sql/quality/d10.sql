-- One row per active dibao row with a top-up: the person belongs to a group that gets one, and the share is right.
select roll.month, roll.township_code, 'dibao_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    case
        when try_cast(roll.disability_level as integer) <= $severe_level then false
        when roll.severe_illness then false
        when roll.age >= $elder_age or roll.age < $minor_age then false
        when covered.absent_columns not like '%disability_level%' and covered.absent_columns not like '%severe_illness%' then true
    end
    or least(
        abs(roll.top_up_amount - standard.monthly * share.value / 100),
        abs(roll.top_up_amount - standard.known_monthly * share.value / 100)
    ) > $tolerance as broken
from register.dibao_roll as roll
inner join covered
    on covered.dataset = 'dibao_roll' and roll.month = covered.month and roll.township_code = covered.township_code
left join dibao_standard as standard
    on roll.month = standard.month and roll.scheme = standard.scheme and left(roll.township_code, 6) = standard.county_code
left join in_force_standard as share
    on roll.month = share.month and share.param_code = 'top_up_share' and left(roll.township_code, 6) = share.county_code
where roll.active and roll.top_up_amount > 0 and roll.month in (select month from work.month)
