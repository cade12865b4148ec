-- One row per month of a register table: rows, and for each check of its contract the rows that break it.
select month, count(*) as rows, broken_counts
from register.dataset
where month in (select month from work.month)
group by month
