-- One row per month and application refused in the 24 months up to its end (low-income register), files of months up to it;
-- `within_12`: in the last 12 of them (LB03).
select work.month.month, application.person_key, application.township_code,
    application.decided_on > cast(work.month.month_end - to_months(12) as date) as within_12,
    'application' as dataset, application.intake_no, application.sheet, application.row_no
from work.month
join register.application as application
    on application.month <= work.month.month
    and application.decided_on <= work.month.month_end
    and application.decided_on > cast(work.month.month_end - to_months(24) as date)
where application.decision = '不予'
