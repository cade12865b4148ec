-- One row per row of the monitoring list whose risk remains (LB02).
select month, person_key, township_code, 'monitored_household' as dataset, intake_no, sheet, row_no
from register.monitored_household
where month in (select month from work.month) and not risk_removed
