-- One row per township: what the run said the month's benefit would change by, and what it did change by in $later.
with run as (
    select township_code, param_code, band, month, sum(yuan) as said_yuan
    from lead.what_if
    where run_no = $run_no and month = (select max(month) from lead.what_if where run_no = $run_no)
    group by township_code, param_code, band, month
),
total as (
    select drawn.township_code, drawn.month, count(distinct drawn.person_key) as people, sum(drawn.amount) as yuan
    from ({drawn}) as drawn
    join (select distinct param_code, band, month from run) as asked
        on asked.param_code = drawn.param_code and coalesce(asked.band, '') = coalesce(drawn.band, '')
    where drawn.month in (asked.month, $later)
    group by drawn.township_code, drawn.month
)
select run.township_code, run.said_yuan, later.yuan - before.yuan as happened_yuan,
    before.people as people_before, later.people as people_later
from run
left join total as before on before.township_code = run.township_code and before.month = run.month
left join total as later on later.township_code = run.township_code and later.month = $later
order by run.township_code
