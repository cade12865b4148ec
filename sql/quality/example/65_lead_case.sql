-- Two rows per township and month: a case that is open, and one that was closed as corrected.
insert into lead.case_month by name
select 'open-' || township_code as case_id, 'CF01' as rule_id, month, 'k-' || township_code as person_key, township_code,
    month as first_month, month as opened_month, cast(month_start as date) + 14 as opened_on, cast(month_start as date) + 44 as due_on,
    'open' as state, null as outcome_code, null as decided_on, month as last_month, month as last_evaluated
from example_place
cross join work.month
union all
select 'closed-' || township_code, 'SW01', month, 'd-' || township_code, township_code, month, month,
    cast(month_start as date) + 14, cast(month_start as date) + 44, 'closed', 'corrected', cast(month_start as date) + 20, month, month
from example_place
cross join work.month
