-- One row per active dibao row with a stated income: below the yearly standard, unless alone, in grace or just reviewed (YT02).
select roll.month, roll.township_code, 'dibao_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    roll.income_per_head_year >= standard.yearly
    and not coalesce(roll.single_person_case, false)
    and (roll.grace_until is null or roll.grace_until < roll.month)
    and not coalesce(roll.reviewed_on >= months.month_start - interval 1 month and roll.reviewed_on <= months.month_end, false)
    as broken
from register.dibao_roll as roll
inner join work.month as months on roll.month = months.month
left join dibao_standard as standard
    on roll.month = standard.month and roll.scheme = standard.scheme and left(roll.township_code, 6) = standard.county_code
where roll.active
