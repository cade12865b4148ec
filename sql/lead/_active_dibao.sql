-- One row per active row of the dibao roll (_G04): on_dibao is a row here, anywhere in the home's area (_G16). The review is
-- overdue by more than 30 days (YT01); the grace period runs, or it was reviewed this month or the month before (YT02).
select month, person_key, township_code, scheme, monthly_amount, top_up_amount, income_per_head_year, single_person_case,
    coalesce(
        review_due_on + 30 < month_end and (reviewed_on is null or reviewed_on < review_due_on), false
    ) as review_overdue,
    coalesce(grace_until >= month, false) as in_grace,
    coalesce(
        reviewed_on between cast(month_start - to_months(1) as date) and month_end, false
    ) as just_reviewed,
    'dibao_roll' as dataset, intake_no, sheet, row_no
from register.dibao_roll
join work.month using (month)
where active
