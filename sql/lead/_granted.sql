-- One row per month and temporary aid of its file or granted in the 12 months up to its end, files of months up to it.
with aid as (
    select work.month.month, aid.person_key, aid.township_code, aid.month = work.month.month as this_month,
        aid.granted_on <= work.month.month_end
        and aid.granted_on > cast(work.month.month_end - to_months(12) as date) as within_12,
        aid.cause, aid.amount, aid.case_by_case, aid.intake_no, aid.sheet, aid.row_no
    from work.month
    join register.temp_aid as aid on aid.month <= work.month.month
)
select month, person_key, township_code, this_month, coalesce(within_12, false) as within_12, cause, amount, case_by_case,
    'temp_aid' as dataset, intake_no, sheet, row_no
from aid
where this_month or within_12
