-- One row per month, area and dataset: quarantined rows among the data rows of the files in force; extracts received in time.
-- The total is of the datasets listed as categories, so that the parts add up to it.
with place as (
    select township_code, ref_area from area_of
    union all
    select county_code, ref_area from whole
),
data_row_in as (
    select dataset, month, ref_area, row_count as accepted, 0 as quarantined
    from data_row
    join place using (township_code)
    union all
    select dataset, month, ref_area, 0, count(distinct (intake_no, sheet, row_no, open_row.township_code))
    from open_row
    join work.month using (month)
    join place on place.township_code = coalesce(open_row.township_code, open_row.county_code)
    group by dataset, month, ref_area
    union all
    select distinct dataset, month, ref_area, 0, 0
    from register.coverage
    join work.month using (month)
    join place using (township_code)
),
counted as (
    select
        month, ref_area, if(grouping(dataset) = 1, '_T', dataset) as category,
        sum(quarantined) as quarantined, sum(accepted + quarantined) as data_rows
    from data_row_in
    where dataset in (select category from cell where indicator_id = 'dq_error_rows')
    group by grouping sets ((month, ref_area), (month, ref_area, dataset))
),
cut_off as (
    select
        area.county_code, work.month.month,
        cast(work.month.month_end + 1 as timestamp) + to_days(cast(coalesce(max(value), 15) as integer)) as closes
    from work.month
    cross join area
    left join parameter
        on parameter.month = work.month.month and parameter.county_code = area.county_code and lag_months = 0
        and param_code = 'report_cutoff_day' and band is null
    where level = 'county'
    group by area.county_code, work.month.month, work.month.month_end
),
due as (
    select month, area_of.township_code, area_of.ref_area, dataset, closes
    from cut_off
    join area_in_force as there using (month, county_code)
    join area_of on area_of.township_code = there.ref_area
    cross join monthly_extract
),
received as (
    select due.month, due.ref_area, count(first_received_at) filter (where first_received_at < closes) as in_time, count(*) as expected
    from due
    left join register.coverage as held
        on held.dataset = due.dataset and held.month = due.month and held.township_code = due.township_code
    group by due.month, due.ref_area
)
select 'dq_error_rows' as indicator_id, month, ref_area, category, quarantined as numerator, data_rows as denominator
from counted
union all by name
select 'dq_on_time' as indicator_id, month, ref_area, '_T' as category, in_time as numerator, expected as denominator
from received
