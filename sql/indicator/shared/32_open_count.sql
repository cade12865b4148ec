-- One row per indicator, month and area: open quarantined rows that could count; a row of unknown place could be anywhere.
with placed as (
    select dataset, month, ref_area, count(*) as open_rows
    from open_row
    join area_of on open_row.township_code = area_of.township_code
    group by all
    union all
    select dataset, month, area.ref_area, count(*)
    from open_row
    cross join area
    where open_row.township_code is null
    group by all
)
select open_input.indicator_id, reading.month, ref_area, sum(open_rows) as open_rows
from open_input
join window_month as reading using (reading)
join placed on placed.dataset = open_input.dataset and placed.month = reading.source_month
group by open_input.indicator_id, reading.month, ref_area
