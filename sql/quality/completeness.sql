-- One row per dataset, month and township: expected or not, received when, on time, late or missing.
with received as (
    select dataset, month, township_code, min(first_received_at) as received_at,
        sum(rows_accepted) as rows_accepted, sum(rows_quarantined) as rows_quarantined
    from register.coverage
    where month in (select month from work.month)
    group by dataset, month, township_code
)

select coalesce(expected_file.dataset, received.dataset) as dataset,
    coalesce(expected_file.month, received.month) as month,
    coalesce(expected_file.township_code, received.township_code) as township_code,
    coalesce(expected_file.expected, false) as expected,
    expected_file.due_on, expected_file.cut_off_on,
    received.received_at, received.rows_accepted, received.rows_quarantined,
    case
        when received.dataset is null and expected_file.expected then 'missing'
        when received.dataset is null then 'not_expected'
        when expected_file.due_on is null or cast(received.received_at as date) <= expected_file.due_on then 'on_time'
        when cast(received.received_at as date) <= expected_file.cut_off_on then 'after_due'
        else 'late'
    end as state
from expected_file
full outer join received
    on expected_file.dataset = received.dataset and expected_file.month = received.month
    and expected_file.township_code = received.township_code
