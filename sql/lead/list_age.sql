-- One row per township and list the rules rest on: its latest month up to $month, and whether it came in full then.
with township as (
    select distinct township_code from register.coverage where length(township_code) = 9
),
sized as (
    select dataset, township_code, month, rows_accepted,
        lag(rows_accepted) over (partition by dataset, township_code order by month) as rows_before
    from register.coverage
    where list_contains($datasets, dataset) and month <= $month
),
covering as (
    select sized.* exclude (township_code), township.township_code
    from sized
    join township
        on sized.township_code = township.township_code
        or length(sized.township_code) = 6 and starts_with(township.township_code, sized.township_code)
),
latest as (
    select *, row_number() over (partition by dataset, township_code order by month desc) as rank from covering
)
select township.township_code, wanted.dataset, latest.month as newest,
    coalesce(latest.rows_before < 20 or latest.rows_accepted >= 0.6 * latest.rows_before, true) as full_size
from township
cross join (select unnest($datasets) as dataset) as wanted
left join latest
    on latest.township_code = township.township_code and latest.dataset = wanted.dataset and latest.rank = 1
order by township.township_code, wanted.dataset
