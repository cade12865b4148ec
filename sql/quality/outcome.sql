-- One row per rule, month and place: checked and failed, and whether the inputs allowed a verdict at all.
with expected as (
    select rule.rule_id, rule.suite, rule.severity, rule.place, rule.area, months.month, place.township_code
    from rule_scope as rule
    cross join work.month as months
    inner join place on place.month = months.month
        and (rule.area = place.area
        -- The intake judges county lists too, and the bureau itself sends returns (_G14).
        or (rule.place = 'intake' and place.area = 'county')
        or (
            place.area = 'county'
            and rule.rule_id in (
                select needed.rule_id from rule_dataset as needed
                where needed.position = 0 and needed.dataset = 'comprehensive_return'
            )
        ))
),

absent as (
    select expected.rule_id, expected.month, expected.township_code, count(*) as datasets
    from expected
    inner join rule_dataset as needed on expected.rule_id = needed.rule_id and needed.position >= 0
    left join covered as own
        on needed.dataset = own.dataset and expected.month = own.month
        and starts_with(own.township_code, left(expected.township_code, 6))
        and (expected.township_code = own.township_code or not needed.own or expected.area = 'county')
    where own.dataset is null
    group by expected.rule_id, expected.month, expected.township_code
),

counted as (
    select rule_id, month, township_code, sum(checked) as checked, sum(failed) as failed, sum(seen) as seen
    from tally
    group by rule_id, month, township_code
),

judged as (
    select expected.*, coalesce(counted.checked, 0) as checked, coalesce(counted.failed, 0) as failed,
        expected.place in ('not_evaluable', 'report')
        or absent.datasets > 0
        or (counted.seen > 0 and counted.checked = 0)
        or (
            counted.seen is null
            and (
                expected.place in ('intake', 'indicator')
                or not exists (select 1 from rule_dataset as needed where needed.rule_id = expected.rule_id and needed.position >= 0)
            )
        ) as unknown
    from expected
    left join absent
        on expected.rule_id = absent.rule_id and expected.month = absent.month and expected.township_code = absent.township_code
    left join counted
        on expected.rule_id = counted.rule_id and expected.month = counted.month
        and expected.township_code = counted.township_code
)

select rule_id, suite, severity, month, township_code,
    case when coalesce(unknown, false) then 0 else checked end as checked,
    case when coalesce(unknown, false) then 0 else failed end as failed,
    case when coalesce(unknown, false) then 'not_evaluated' when failed > 0 then 'fail' else 'pass' end as state
from judged
