-- One row per indicator, month and area: open quarantined rows that could count, by what one of them could do (`effect`); a row of
-- unknown place could be anywhere in its file's counties. A row that can be read is left out where an indicator is told by what it says;
-- where one row decides what another counts, a row of nobody knows whom may take anybody away. `shifting` rows may take one from
-- a category, though not from the total.
with placed as (
    select dataset, month, ref_area, count(*) as open_rows, count(*) filter (where not legible) as unread_rows,
        count(*) filter (where legible and not named) as nameless_rows
    from open_row
    join area_of on open_row.township_code = area_of.township_code
    group by all
    union all
    select dataset, month, ref_area, rows, rows, 0
    from (
        select dataset, month, area.ref_area, count(distinct (intake_no, sheet, row_no)) as rows
        from open_row
        join area on coalesce(area.county_code, open_row.county_code) = open_row.county_code
        where open_row.township_code is null
        group by dataset, month, area.ref_area
    ) as anywhere
),
counted as (
    select open_input.indicator_id, reading.month, ref_area, effect, sum(if(by_content, unread_rows, open_rows)) as open_rows
    from open_input
    join window_month as reading using (reading)
    join placed on placed.dataset = open_input.dataset and placed.month = reading.source_month
    group by open_input.indicator_id, reading.month, ref_area, effect
    union all
    select open_input.indicator_id, reading.month, ref_area, 'takes', sum(nameless_rows)
    from open_input
    join window_month as reading using (reading)
    join placed on placed.dataset = open_input.dataset and placed.month = reading.source_month
    where retold
    group by open_input.indicator_id, reading.month, ref_area
    union all
    select open_input.indicator_id, reading.month, ref_area, 'shifts', sum(open_rows)
    from open_input
    join window_month as reading using (reading)
    join placed on placed.dataset = open_input.dataset and placed.month = reading.source_month
    where effect = 'moves'
    group by open_input.indicator_id, reading.month, ref_area
)
select
    indicator_id, month, ref_area,
    coalesce(sum(open_rows) filter (where effect in ('adds', 'numerator', 'either', 'moves')), 0) as above,
    coalesce(sum(open_rows) filter (where effect in ('takes', 'either')), 0) as away,
    coalesce(sum(open_rows) filter (where effect = 'shifts'), 0) as shifting,
    coalesce(sum(open_rows) filter (where effect = 'ratio'), 0) as into_both,
    coalesce(sum(open_rows) filter (where effect = 'denominator'), 0) as below,
    coalesce(sum(open_rows) filter (where effect = 'leaves'), 0) as leaving,
    coalesce(sum(open_rows) filter (where effect = 'unknown'), 0) > 0 as unknown,
    coalesce(sum(open_rows) filter (where effect <> 'shifts'), 0) as open_rows
from counted
where open_rows > 0
group by indicator_id, month, ref_area
