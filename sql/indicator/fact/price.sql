-- One row per month: whether prices start the linkage, and how many of the year's started months were paid in time.
with county as (select ref_area from area where level = 'county'),
paid_in as (
    select distinct reading.month, strftime(paid_on, '%Y-%m') as paid_month
    from register.payment_ledger as payment
    join window_month as reading on reading.reading = 'year_to_date' and reading.source_month = payment.month
    where payment_kind = '价格临时补贴' and amount_paid > 0 and paid_on is not null
),
of_year as (
    select
        reading.month, count(*) as months, count(flag) as known, count(*) filter (where flag = 1) as started,
        count(*) filter (where flag = 1 and paid_month is not null) as in_time
    from window_month as reading
    left join price_linkage on index_month = reading.source_month
    left join paid_in on paid_in.month = reading.month and paid_month = strftime(published_on, '%Y-%m')
    where reading.reading = 'year_to_date'
    group by reading.month
)
select 'price_link_triggered' as indicator_id, work.month.month, ref_area, flag as numerator
from price_linkage
join work.month on work.month.month = index_month
cross join county
union all by name
select 'price_subsidy_timely' as indicator_id, month, ref_area, in_time as numerator, started as denominator
from of_year
cross join county
where known = months
