-- One row per month, area and item indicator: numbers of the comprehensive return with their marks passed on (_G14).
with reported as (
    select
        month, township_code as reporter, item_code,
        month_value, coalesce(month_value_mark, if(month_value is null, 'blank', 'number')) as month_mark,
        year_to_date_value,
        coalesce(year_to_date_value_mark, if(year_to_date_value is null, 'blank', 'number')) as year_mark
    from register.comprehensive_return
),
months_of as (
    select month, count(*) as needed from window_month where reading = 'year_to_date' group by month
),
accumulated as (
    select
        reading.month, reporter, item_code,
        sum(month_value) filter (where month_mark = 'number') as value,
        case
            when count(*) filter (where month_mark <> 'blank') < any_value(needed) then 'blank'
            when bool_or(month_mark = 'below') then 'below'
            when bool_and(month_mark = 'none') then 'none'
            else 'number'
        end as mark
    from reported
    join window_month as reading on reading.reading = 'year_to_date' and reading.source_month = reported.month
    join months_of on months_of.month = reading.month
    group by reading.month, reporter, item_code
),
item_value as (
    select item.indicator_id, item.part, month, reporter, month_value as value, month_mark as mark
    from item
    join reported using (item_code)
    join work.month using (month)
    where item.kind = 'stock'
    union all
    select
        item.indicator_id, item.part, accumulated.month, reporter,
        if(coalesce(year_mark, 'blank') = 'blank', accumulated.value, year_to_date_value),
        if(coalesce(year_mark, 'blank') = 'blank', accumulated.mark, year_mark)
    from item
    join accumulated using (item_code)
    left join reported using (month, reporter, item_code)
    where item.kind = 'flow'
),
asked as (
    select
        item.indicator_id, item.part, item.reported_by as who, work.month.month, area.ref_area as reporter, area.level, area.county_code,
        value, mark,
        bool_or(mark is not null and level = 'township') over (partition by item.indicator_id, item.part, work.month.month, area.county_code)
            as townships_report
    from item
    cross join work.month
    join area_in_force as area on area.month = work.month.month
    left join item_value
        on item_value.indicator_id = item.indicator_id and item_value.part = item.part
        and item_value.month = work.month.month and item_value.reporter = area.ref_area
    where level in ('county', 'township')
),
sent as (
    select month, township_code as reporter from register.coverage where dataset = 'comprehensive_return'
),
expected as (
    select
        asked.*, if(mark in ('number', 'below'), value, null) as number, coalesce(mark, 'blank') as said,
        sent.reporter is not null as form_came
    from asked
    left join sent using (month, reporter)
    where case who
        when 'bureau' then level = 'county'
        when 'township' then level = 'township' or mark is not null
        else mark is not null or (townships_report and level = 'township')
    end
),
-- Where one county tells an item, another that says nothing leaves what holds both without a sum.
silent as (
    select told.indicator_id, told.part, told.month, county.ref_area as reporter, county.county_code, cast(null as double) as number, 'blank' as said, false as form_came
    from (select distinct indicator_id, part, month from expected) as told
    join area as county on county.level = 'county'
    anti join expected using (indicator_id, part, month, county_code)
),
within as (
    select indicator_id, part, month, reporter, number, said, form_came, ref_area
    from expected
    join whole using (county_code)
    union all
    select indicator_id, part, month, reporter, number, said, form_came, ref_area
    from silent
    join whole using (county_code)
    where ref_area <> county_code
),
part_of_area as (
    select indicator_id, part, month, reporter as ref_area, number as value, said, cast(null as varchar) as who, said = 'blank' and form_came as item_blank, null as lacking
    from expected
    where level = 'township'
    union all
    select
        indicator_id, part, within.month, within.ref_area, sum(number),
        case
            when bool_or(said = 'blank') then 'blank'
            when bool_or(said = 'below') then 'below'
            when bool_and(said = 'none') then 'none'
            else 'number'
        end,
        string_agg(distinct reporter_area.name, '、' order by reporter_area.name) filter (where said = 'blank' and not form_came),
        bool_or(said = 'blank' and form_came),
        string_agg(distinct reporter_area.name, '、' order by reporter_area.name) filter (where said = 'blank' and form_came)
    from within
    join area as reporter_area on reporter_area.ref_area = within.reporter
    group by indicator_id, part, within.month, within.ref_area
)
select
    indicator_id, month, ref_area,
    max(value) filter (where part = 'numerator') as numerator,
    max(value) filter (where part = 'denominator') as denominator,
    case
        when bool_or(said = 'blank') then 'M'
        when bool_or(said = 'below') then 'E'
        when bool_or(said = 'none') then 'L'
    end as status,
    case
        when bool_or(said = 'blank') then '缺:' || (select title from dataset_title where dataset = 'comprehensive_return')
            || coalesce('(未报:' || max(who) || ')', '')
            || if(bool_or(item_blank), '(报了但缺项' || coalesce(':' || max(lacking), '') || ')', '')
    end as note
from part_of_area
group by indicator_id, month, ref_area
