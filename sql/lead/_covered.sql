-- One row per list, month of `work.month` and township it covers, in full size or with under 60 % of the rows of the time before.
with township as (
    select distinct township_code from register.coverage where length(township_code) = 9
),
sized as (
    select *, lag(rows_accepted) over (partition by dataset, township_code order by month) as rows_before
    from register.coverage
)
select sized.dataset, sized.month, coalesce(township.township_code, sized.township_code) as township_code,
    sized.first_received_at,
    coalesce(sized.rows_before < 20 or sized.rows_accepted >= 0.6 * sized.rows_before, true) as full_size
from sized
left join township
    on length(sized.township_code) = 6 and starts_with(township.township_code, sized.township_code)
where sized.month in (select month from work.month)
