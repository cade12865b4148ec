-- One row per month of a register table: rows, and rows beyond the first of their key.
select month, sum(copies) as rows, sum(copies - 1) as again
from (
    select key_columns, count(*) as copies
    from register.dataset
    where month in (select month from work.month)
    group by key_columns
) as keyed
group by month
