-- One row per item, month and place: marriages by township, vagrants and funerals by the bureau.
insert into register.comprehensive_return by name
select months.month, place.township_code, item.item_code, item.item_code as item_name, item.unit,
    item.month_value, 'number' as month_value_mark,
    case when item.flow then item.month_value * cast(substr(months.month, 6, 2) as integer) end as year_to_date_value,
    case when item.flow then 'number' else 'blank' end as year_to_date_value_mark,
    23 as intake_no, '' as sheet, item.row_no
from (values
    ('marriages_v', '对', 12, true, 1), ('vagrant_aid_times_v', '人次', 6, true, 2),
    ('vagrant_return_rate_n', '个', 3, false, 3), ('vagrant_return_rate_d', '个', 4, false, 4),
    ('cremations_v', '具', 1, true, 5), ('eco_burial_rate_n', '个', 1, false, 6), ('eco_burial_rate_d', '个', 2, false, 7)
) as item(item_code, unit, month_value, flow, row_no)
cross join work.month as months
inner join place on place.month = months.month
    and place.area = case item.item_code when 'marriages_v' then 'township' else 'county' end
