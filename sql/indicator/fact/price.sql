-- One row per month and county: whether prices start the linkage, and how many of the year's started months were paid in time.
with paid_in as (
    select distinct left(township_code, 6) as county_code, reading.month, strftime(paid_on, '%Y-%m') as paid_month
    from register.payment_ledger as payment
    join window_month as reading on reading.reading = 'year_to_date' and reading.source_month = payment.month
    where payment_kind = '价格临时补贴' and amount_paid > 0 and paid_on is not null
),
of_year as (
    select
        county.county_code, reading.month, count(*) as months, count(flag) as known, count(*) filter (where flag = 1) as started,
        count(*) filter (where flag = 1 and paid_month is not null) as in_time
    from window_month as reading
    cross join (select county_code from area where level = 'county') as county
    left join price_linkage as linkage on index_month = reading.source_month and linkage.county_code = county.county_code
    left join paid_in
        on paid_in.month = reading.month and paid_in.county_code = county.county_code
        and paid_month = strftime(published_on, '%Y-%m')
    where reading.reading = 'year_to_date'
    group by county.county_code, reading.month
)
select 'price_link_triggered' as indicator_id, work.month.month, county_code as ref_area, flag as numerator
from price_linkage
join work.month on work.month.month = index_month
union all by name
select 'price_subsidy_timely' as indicator_id, month, county_code as ref_area, in_time as numerator, started as denominator
from of_year
where known = months
