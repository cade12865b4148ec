-- One row per active dibao row with a review date: not more than thirty days overdue (YT01).
select roll.month, roll.township_code, 'dibao_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    roll.review_due_on + cast($days as integer) < months.month_end
    and (roll.reviewed_on is null or roll.reviewed_on < roll.review_due_on) as broken
from register.dibao_roll as roll
inner join work.month as months on roll.month = months.month
where roll.active
