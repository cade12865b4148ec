-- One row per window, month to compute and month that the window reads (_G10).
select 'month' as reading, month, month as source_month
from work.month
union all
select 'year_to_date', month, year || '-' || lpad(cast(number as varchar), 2, '0')
from work.month
join generate_series(1, 12) as calendar (number) on number <= cast(right(month, 2) as integer)
