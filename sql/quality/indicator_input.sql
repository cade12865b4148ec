-- One row per indicator, month and place: files needed (a year's months for year-to-date figures), received, and what is missing.
with need as (
    select months.month, indicator_need.indicator_id, indicator_need.dataset, place.township_code,
        due.month as source_month, due.township_code as sender
    from work.month as months
    cross join indicator_need
    inner join place on place.month = months.month and place.area = 'township'
    inner join place as due
        on due.township_code = if(indicator_need.by_township, place.township_code, left(place.township_code, 6))
        and due.month between case indicator_need.time_window when 'year_to_date' then months.year_start else months.month end
        and months.month
),

met as (
    select need.month, need.indicator_id, need.dataset, need.township_code, left(need.township_code, 6) as county_code,
        count(distinct need.source_month) as files, count(distinct coverage.month) as received
    from need
    left join register.coverage as coverage
        on need.dataset = coverage.dataset and need.sender = coverage.township_code
        and need.source_month = coverage.month
    group by need.month, need.indicator_id, need.dataset, need.township_code
)

select indicator_id, month, coalesce(township_code, county_code) as township_code,
    sum(files) as needed, sum(received) as received,
    string_agg(distinct case when received < files then dataset end, ',' order by case when received < files then dataset end)
    as missing_datasets,
    sum(files) = sum(received) as complete
from met
group by grouping sets ((indicator_id, month, township_code), (indicator_id, month, county_code))
