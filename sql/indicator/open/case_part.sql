-- One row per indicator, month, area, cell and thing that counts by open rows alone, as the cases are counted (_G05, _G08).
-- $retold: told with the open rows beside those in force, a thing that counts no more is taken away.
with told as (
    select * exclude (dataset, reading, effect, by_content, retold)
    from indicator_case
    join open_input using (indicator_id)
    where dataset = $dataset and by_content and retold = $retold
        and ($retold or case_key in (select case_key from open_case))
),
placed as (
    select one.*, ref_area, false as village, true as open
    from open_case as one
    join area_of using (township_code)
    union all
    select one.*, village_code, true, true
    from open_case as one
    where village_code is not null
    union all
    select one.*, ref_area, false, false
    from told as one
    join area_of using (township_code)
    union all
    select one.*, village_code, true, false
    from told as one
    where village_code is not null
),
in_cell as (
    select
        indicator_id, month, ref_area, cell.residence, cell.sex, cell.age_group, cell.category, case_key,
        coalesce(part, 'numerator') as part, bool_or(open) as now, bool_or(not open) as before
    from placed
    join cell_number as cell using (indicator_id)
    where (cell.residence = '_T' or cell.residence = placed.residence)
        and (cell.sex = '_T' or cell.sex = placed.sex)
        and (cell.age_group = '_T' or cell.age_group = placed.age_group)
        and (cell.category = '_T' or cell.category in (placed.category, placed.second_category))
        and (not village or cell.residence = '_T' and cell.sex = '_T' and cell.age_group = '_T' and cell.category = '_T')
    group by all
)
select
    indicator_id, month, ref_area, residence, sex, age_group, category, case_key as unit, '' as told_month, $counted_in as counted_in,
    sum(if(now, 1, -1)) filter (where part = 'numerator') as numerator,
    sum(if(now, 1, -1)) filter (where part = 'denominator') as denominator,
    cast(null as double[]) as sample, false as unknown
from in_cell
join open_input using (indicator_id)
where dataset = $dataset and by_content and retold = $retold and now <> before
    and (now or retold)
group by all
