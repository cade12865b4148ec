-- One row per rule of the intake, month and township: rows taken in or quarantined, and rows the rule put aside or flagged.
with looked_at as (
    select scope.rule_id, coverage.month, coverage.township_code,
        sum(coverage.rows_accepted + coverage.rows_quarantined) as rows
    from register.coverage as coverage
    inner join rule_dataset as scope on coverage.dataset = scope.dataset
    where scope.rule_id in (select code.rule_id from rule_code as code)
        and coverage.month in (select month from work.month)
    group by scope.rule_id, coverage.month, coverage.township_code
),

put_aside as (
    select code.rule_id, quarantine.month, quarantine.township_code, quarantine.dataset,
        quarantine.intake_no, quarantine.sheet, quarantine.row_no, left(sender.township_code, 6) as county_code
    from raw.quarantine as quarantine
    inner join rule_code as code on quarantine.rule_id = code.code
    inner join register.coverage as sender on quarantine.intake_no = sender.intake_no
    where quarantine.month in (select month from work.month)
)

select rule_id, month, township_code, cast(null as varchar) as dataset,
    cast(null as varchar) as person_key, cast(null as bigint) as intake_no, cast(null as varchar) as sheet,
    cast(null as integer) as row_no, rows as checked, 0 as failed, rows as seen
from looked_at
union all
select distinct rule_id, month, coalesce(township_code, county_code), dataset, cast(null as varchar), intake_no, sheet, row_no, 0, 1, 0
from put_aside
