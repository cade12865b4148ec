-- One row per month: whether prices start the linkage (policy facts, section 2.2), and how many started months were paid in time.
with county as (select ref_area from area where level = 'county'),
latest as (
    select
        series.*, row_number() over (partition by index_month, place order by month desc, intake_no desc, row_no desc) as rank
    from register.cpi_series as series
    where place = '青海'
),
yoy as (
    select
        index_month, published_on,
        if(cpi_yoy >= 50, round(cast(cpi_yoy as double) - 100, 1), cast(cpi_yoy as double)) as cpi,
        if(food_yoy >= 50, round(cast(food_yoy as double) - 100, 1), cast(food_yoy as double)) as food
    from latest
    where rank = 1
),
triggered as (
    select month, yoy.published_on, if(cpi >= general.value or food >= grocery.value, 1, 0) as flag
    from work.month
    join yoy on yoy.index_month = month
    join parameter as general using (month)
    join parameter as grocery using (month)
    where general.lag_months = 0 and general.param_code = 'price_link_cpi' and general.band is null
        and grocery.lag_months = 0 and grocery.param_code = 'price_link_food' and grocery.band is null
)
select 'price_link_triggered' as indicator_id, month, ref_area, flag as numerator
from triggered
cross join county
