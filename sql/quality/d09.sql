-- One row per active dibao row: the share without top-up lies between a tenth of the monthly standard and the standard.
select roll.month, roll.township_code, 'dibao_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    roll.monthly_amount - coalesce(roll.top_up_amount, 0) < $low * standard.monthly
    or roll.monthly_amount - coalesce(roll.top_up_amount, 0) > $high * standard.highest_monthly + 0.005 as broken
from register.dibao_roll as roll
left join dibao_standard as standard
    on roll.month = standard.month and roll.scheme = standard.scheme and left(roll.township_code, 6) = standard.county_code
where roll.active and roll.month in (select month from work.month)
