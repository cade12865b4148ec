-- One row per month, place and subject (a dataset's file, or a rule): what the release says about quality.
select month, township_code, 'completeness' as kind, dataset as subject, dataset as suite,
    case when state in ('missing', 'late') then 'warn' else 'info' end as severity,
    coalesce(rows_accepted, 0) + coalesce(rows_quarantined, 0) as checked, coalesce(rows_quarantined, 0) as failed, state,
    cast(received_at as date) as received_on, due_on
from quality.completeness
where list_contains($months, month)
union all
select month, township_code, 'rule', rule_id, suite, severity, checked, failed, state, null, null
from quality.outcome
where list_contains($months, month)
