-- One row per month and township: means checks asked for and reported, their results, the days they took (SYS-VERIFY).
select application.month, application.township_code,
    count(*) as applications,
    count(verify_requested_on) as requested,
    count(verify_reported_on) as reported,
    count(*) filter (where verify_result = '不符合') as not_fit,
    count(*) filter (where verify_reported_on is null and decision in ('同意', '不予')) as decided_without_report,
    median(verify_reported_on - verify_requested_on) as median_days
from register.application as application
join work.month using (month)
group by application.month, application.township_code
