-- One row per index month of the years computed: whether prices start the linkage (docs/sources.md 2.2).
with latest as (
    select
        series.*, row_number() over (partition by index_month, place order by month desc, intake_no desc, row_no desc) as rank
    from register.cpi_series as series
    where place in (from price_index)
),
yoy as (
    select
        index_month, published_on,
        if(cpi_yoy >= 50, round(cast(cpi_yoy as double) - 100, 1), cast(cpi_yoy as double)) as cpi,
        if(food_yoy >= 50, round(cast(food_yoy as double) - 100, 1), cast(food_yoy as double)) as food
    from latest
    where rank = 1
)
select index_month, published_on, if(cpi >= general.value or food >= grocery.value, 1, 0) as flag
from yoy
join parameter as general on general.month = index_month
join parameter as grocery on grocery.month = index_month
where general.lag_months = 0 and general.param_code = 'price_link_cpi' and general.band is null
    and grocery.lag_months = 0 and grocery.param_code = 'price_link_food' and grocery.band is null
