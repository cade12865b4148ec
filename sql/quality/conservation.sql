-- One row per month of a dataset: rows the coverage promises, and by how many the register differs.
with promised as (
    select month, sum(rows_accepted) as rows
    from register.coverage
    where dataset = $dataset and month in (select month from work.month)
    group by month
),

present as (
    select month, count(*) as rows
    from register.dataset
    where month in (select month from work.month)
    group by month
)

select coalesce(promised.month, present.month) as month, coalesce(promised.rows, 0) as rows,
    abs(coalesce(promised.rows, 0) - coalesce(present.rows, 0)) as differing
from promised
full outer join present on promised.month = present.month
