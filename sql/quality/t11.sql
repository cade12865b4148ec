-- One row per active tekun row with an assessment: not older than twelve months at the month's end.
select roll.month, roll.township_code, 'tekun_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    roll.assessed_on < months.month_end - to_months(cast($months as integer)) as broken
from register.tekun_roll as roll
inner join work.month as months on roll.month = months.month
where roll.active
