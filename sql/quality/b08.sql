-- One row per item reported: the unit is the item's, and what is counted in whole things is whole.
select item.month, item.township_code, 'comprehensive_return' as dataset, null as person_key,
    item.intake_no, item.sheet, item.row_no,
    item.unit <> listed.unit
    or (
        listed.unit <> '元' and item.month_value_mark = 'number' and item.month_value <> floor(item.month_value)
    ) as broken
from register.comprehensive_return as item
left join return_item as listed on item.item_code = listed.item_code
where item.month in (select month from work.month)
