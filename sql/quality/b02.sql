-- One row per item with a year-to-date figure: last month's figure plus this month's; in January this month's alone.
select item.month, item.township_code, 'comprehensive_return' as dataset, null as person_key,
    item.intake_no, item.sheet, item.row_no,
    case
        when item.year_to_date_value_mark <> 'number' or item.month_value_mark <> 'number' then null
        when item.month = months.year_start then abs(item.year_to_date_value - item.month_value) > $tolerance
        when before.year_to_date_value_mark = 'number'
            then abs(item.year_to_date_value - before.year_to_date_value - item.month_value) > $tolerance
    end as broken
from register.comprehensive_return as item
inner join work.month as months on item.month = months.month
left join register.comprehensive_return as before
    on months.previous_month = before.month and item.item_code = before.item_code and item.township_code = before.township_code
