-- One row per place that aided vagrants: not three months running with nobody identified.
with figure as (
    select months.month, item.month as reported_month, item.township_code,
        max(case when item.item_code = 'vagrant_return_rate_d' and item.month_value_mark = 'number' then item.month_value end)
            as identified,
        max(case when item.item_code = 'vagrant_aid_times_v' and item.month_value_mark = 'number' then item.month_value end)
            as aided
    from register.comprehensive_return as item
    inner join work.month as months
        on item.month <= months.month
        and item.month > strftime(months.month_start - to_months(cast($months as integer)), '%Y-%m')
    where item.item_code in ('vagrant_return_rate_d', 'vagrant_aid_times_v')
    group by months.month, item.month, item.township_code
)

select month, township_code, 'comprehensive_return' as dataset, null as person_key,
    null as intake_no, null as sheet, null as row_no,
    case when count(identified) = $months then max(identified) = 0 and min(aided) > 0 end as broken
from figure
group by month, township_code
