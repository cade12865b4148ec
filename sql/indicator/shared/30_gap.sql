-- One row per indicator, month and area that lacks a dataset or a parameter, with a sentence for the note (_G09, _G10).
with held as (
    select distinct dataset, month, township_code from register.coverage
),
loaded as (
    select distinct dataset, left(township_code, 6) as county_code from register.coverage
),
wanted as (
    select distinct dataset, reading from requirement
),
absent as (
    select wanted.dataset, wanted.reading, reading.month, reading.source_month, area.ref_area as township_code
    from wanted
    join window_month as reading using (reading)
    join area_in_force as area on area.month = reading.source_month
    where area.level = 'township' and not exists (
        select 1 from held
        where held.dataset = wanted.dataset and held.month = reading.source_month
            and held.township_code in (area.ref_area, area.county_code)
    )
    union all
    select dataset, reading, work.month.month, null, area.ref_area
    from wanted
    cross join work.month
    join area_in_force as area on area.month = work.month.month
    where reading = 'loaded' and area.level = 'township' and (dataset, county_code) not in (select (dataset, county_code) from loaded)
    union all
    select dataset, reading, work.month.month, null, area.ref_area
    from wanted
    cross join work.month
    join area_in_force as area on area.month = work.month.month
    where reading = 'in_force' and area.level = 'township'
        and (work.month.month, area.ref_area) not in (select (month, ref_area) from population_in_force)
),
absent_in_area as (
    select
        absent.dataset, reading, month, area_of.ref_area, count(distinct absent.township_code) as townships_missing,
        string_agg(distinct area.name, '、' order by area.name) as who,
        any_value(title) || if(reading = 'year_to_date', '(' || string_agg(distinct source_month, '、' order by source_month) || ')', '')
            as what
    from absent
    join area_of using (township_code)
    join area on area.ref_area = absent.township_code
    join dataset_title using (dataset)
    group by absent.dataset, reading, month, area_of.ref_area
),
there as (
    select month, area_of.ref_area, count(*) as townships
    from area_in_force as township
    join area_of on area_of.township_code = township.ref_area
    group by month, area_of.ref_area
),
without_parameter as (
    select indicator_id, work.month.month, county.county_code
    from required_parameter
    cross join work.month
    join area as county on county.level = 'county'
    where not exists (
        select 1 from parameter
        where parameter.month = work.month.month and parameter.county_code = county.county_code and lag_months = 0
            and parameter.param_code = required_parameter.param_code and band is null
    )
),
sentence as (
    select
        indicator_id, month, ref_area,
        what || case
            when level <> 'township' and (townships_missing < townships or townships_missing = 1)
                then '(已报' || (townships - townships_missing) || '/'
                    || townships || ',未报:' || who || ')'
            else ''
        end as what
    from requirement
    join absent_in_area using (dataset, reading)
    join area using (ref_area)
    join there using (month, ref_area)
    union all
    select indicator_id, month, area.ref_area, '现行救助标准或参数'
    from without_parameter as without
    join area on coalesce(area.county_code, without.county_code) = without.county_code
)
select indicator_id, month, ref_area, '缺:' || string_agg(distinct what, '、' order by what) as note
from sentence
group by indicator_id, month, ref_area
