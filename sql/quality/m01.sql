-- One row per flow item with a year-to-date figure: it does not fall inside a year.
select item.month, item.township_code, 'comprehensive_return' as dataset, null as person_key,
    item.intake_no, item.sheet, item.row_no,
    case
        when item.year_to_date_value_mark = 'number' and before.year_to_date_value_mark = 'number'
            and substr(item.month, 1, 4) = substr(before.month, 1, 4)
            then item.year_to_date_value < before.year_to_date_value
    end as broken
from register.comprehensive_return as item
inner join work.month as months on item.month = months.month
left join register.comprehensive_return as before
    on months.previous_month = before.month and item.item_code = before.item_code and item.township_code = before.township_code
