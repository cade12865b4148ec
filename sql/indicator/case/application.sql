-- One row per application counted over the year to date, by its number, which is its county's.
with seen as (
    select reading.month, application.township_code, left(application.township_code, 6) || application_key as application_key, verify_requested_on, residence_permit
    from register.application as application
    join window_month as reading on reading.reading = 'year_to_date' and reading.source_month = application.month
)
select 'verify_requests' as indicator_id, month, township_code, application_key as case_key
from seen
where verify_requested_on is not null
union all by name
select 'residence_permit_cases' as indicator_id, month, township_code, application_key as case_key
from seen
where residence_permit
