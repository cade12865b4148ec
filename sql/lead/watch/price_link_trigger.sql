-- One row per county and index month: whether the price linkage starts (发改价格〔2021〕1553号; thresholds in force, price_link_triggered),
-- and by which rise: that of the index which started it, the higher one where both did. A year-on-year figure of 50 or more
-- is an index and loses 100.
with latest as (
    select sender.township_code as county_code, param.*, row_number() over (
        partition by sender.township_code, param_code, valid_from order by param.month desc, param.intake_no desc, row_no desc
    ) as newest
    from register.policy_param as param
    join register.coverage as sender
        on sender.dataset = 'policy_param' and sender.month = param.month and sender.intake_no = param.intake_no
    where param_code in ('price_link_cpi', 'price_link_food') and band is null
),
limits as (
    select county_code, work.month.month, latest.param_code, latest.value, row_number() over (
        partition by county_code, work.month.month, latest.param_code
        order by latest.valid_from desc, latest.decided_on desc nulls last
    ) as rank
    from work.month
    join latest
        on latest.newest = 1
        and latest.valid_from <= work.month.month_end
        and (latest.valid_to is null or latest.valid_to > work.month.month_end)
),
threshold_of as (
    select county_code, month,
        max(case when param_code = 'price_link_cpi' then value end) as cpi,
        max(case when param_code = 'price_link_food' then value end) as food
    from limits
    where rank = 1
    group by county_code, month
),
published as (
    select sender.township_code as county_code, index_month,
        case when cpi_yoy >= 50 then round(cpi_yoy - 100, 1) else cpi_yoy end as cpi_yoy,
        case when food_yoy >= 50 then round(food_yoy - 100, 1) else food_yoy end as food_yoy,
        published_on,
        row_number() over (
            partition by sender.township_code, index_month order by series.month desc, series.intake_no desc, row_no desc
        ) as newest
    from register.cpi_series as series
    join register.coverage as sender
        on sender.dataset = 'cpi_series' and sender.month = series.month and sender.intake_no = series.intake_no
    where place = $price_index
)
select work.month.month, published.county_code as township_code, published.published_on, published.cpi_yoy,
    case when threshold_of.cpi is not null and threshold_of.food is not null then
        cast(coalesce(published.cpi_yoy >= threshold_of.cpi, false)
            or coalesce(published.food_yoy >= threshold_of.food, false) as integer)
    end as triggered,
    greatest(
        case when published.cpi_yoy >= threshold_of.cpi then published.cpi_yoy end,
        case when published.food_yoy >= threshold_of.food then published.food_yoy end
    ) as rise
from work.month
join published on published.index_month = work.month.month and published.newest = 1
left join threshold_of on threshold_of.month = work.month.month and threshold_of.county_code = published.county_code
