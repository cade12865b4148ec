-- One row per county and index month of the years computed: whether prices start the linkage (docs/sources.md 2.2), by the series
-- and the thresholds of the files that speak for the county.
with latest as (
    select
        sender.township_code as county_code, series.*,
        row_number() over (
            partition by sender.township_code, index_month, place
            order by series.month desc, series.intake_no desc, row_no desc
        ) as rank
    from register.cpi_series as series
    join register.coverage as sender
        on sender.dataset = 'cpi_series' and sender.month = series.month and sender.intake_no = series.intake_no
    where place in (from price_index)
),
yoy as (
    select
        county_code, index_month, published_on,
        if(cpi_yoy >= 50, round(cast(cpi_yoy as double) - 100, 1), cast(cpi_yoy as double)) as cpi,
        if(food_yoy >= 50, round(cast(food_yoy as double) - 100, 1), cast(food_yoy as double)) as food
    from latest
    where rank = 1
)
select yoy.county_code, index_month, published_on, if(cpi >= general.value or food >= grocery.value, 1, 0) as flag
from yoy
join parameter as general on general.month = index_month and general.county_code = yoy.county_code
join parameter as grocery on grocery.month = index_month and grocery.county_code = yoy.county_code
where general.lag_months = 0 and general.param_code = 'price_link_cpi' and general.band is null
    and grocery.lag_months = 0 and grocery.param_code = 'price_link_food' and grocery.band is null
