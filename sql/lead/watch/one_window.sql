-- One row per month and township: applications by channel and by holders of a residence permit (clause 3.1.3.s5, SYS-ONEWINDOW).
select application.month, application.township_code,
    count(*) as applications,
    count(*) filter (where channel = '乡镇窗口') as at_window,
    count(*) filter (where channel = '网上') as online,
    count(*) filter (where channel = '村(社区)代办') as by_village,
    count(*) filter (where residence_permit) as by_permit_holders,
    count(*) filter (where decision in ('同意', '不予')) as decided,
    median(decided_on - applied_on) as median_days
from register.application as application
join work.month using (month)
group by application.month, application.township_code
