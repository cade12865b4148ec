-- One row per indicator, month and place: files needed (a year's months for year-to-date figures), received, and what is missing.
with need as (
    select months.month, indicator_need.indicator_id, indicator_need.dataset, place.township_code,
        case when indicator_need.by_township then place.township_code else county.township_code end as sender,
        case indicator_need.time_window when 'year_to_date' then months.year_start else months.month end as first_month,
        case indicator_need.time_window when 'year_to_date' then cast(substr(months.month, 6, 2) as integer) else 1 end as files
    from work.month as months
    cross join indicator_need
    inner join place on place.area = 'township'
    inner join place as county on county.area = 'county'
),

met as (
    select need.month, need.indicator_id, need.dataset, need.township_code, need.files,
        count(distinct coverage.month) as received
    from need
    left join register.coverage as coverage
        on need.dataset = coverage.dataset and need.sender = coverage.township_code
        and coverage.month between need.first_month and need.month
    group by need.month, need.indicator_id, need.dataset, need.township_code, need.files
)

select indicator_id, month, coalesce(township_code, $county) as township_code,
    sum(files) as needed, sum(received) as received,
    string_agg(distinct case when received < files then dataset end, ',' order by case when received < files then dataset end)
    as missing_datasets,
    sum(files) = sum(received) as complete
from met
group by grouping sets ((indicator_id, month, township_code), (indicator_id, month))
