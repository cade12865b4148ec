-- One row per dataset, month and township that has an accepted file.
select distinct dataset, month, township_code, coalesce(absent_columns, '') as absent_columns
from register.coverage
where month in (select month from work.month) or month in (select previous_month from work.month)
union all
select distinct 'observation', month, ref_area, ''
from indicator.observation
where month in (select month from work.month)
