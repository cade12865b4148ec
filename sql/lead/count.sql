-- One row per township and rule: leads of the month (null where the rule could not be judged), open and overdue cases.
with township as (
    select distinct township_code from register.coverage where length(township_code) = 9
),
rule as (
    select distinct rule_id from lead.evaluated
),
found as (
    select rule_id, township_code, count(*) as leads
    from lead.lead
    where month = $month
    group by rule_id, township_code
),
waiting as (
    select rule_id, township_code, count(*) as open_cases, count(*) filter (where due_on < $on) as overdue
    from lead.case_month
    where month = $month and list_contains($pending, state)
    group by rule_id, township_code
),
judged as (
    select rule_id, township_code, max(month) as last_evaluated,
        max(case when month = $month then list_age end) as list_age,
        coalesce(bool_or(complete) filter (where month = $month), false) as complete
    from lead.evaluated
    where month <= $month
    group by rule_id, township_code
)
select $month as month, township.township_code, rule.rule_id,
    case when judged.last_evaluated = $month then coalesce(found.leads, 0) end as leads,
    coalesce(waiting.open_cases, 0) as open_cases,
    coalesce(waiting.overdue, 0) as overdue,
    case when judged.last_evaluated = $month then if(unsure.rule_id is null, 0, coalesce(found.leads, 0)) end as unsure,
    judged.last_evaluated, coalesce(judged.complete, false) as complete,
    coalesce(
        judged.list_age,
        (cast(left($month, 4) as integer) - cast(left(judged.last_evaluated, 4) as integer)) * 12
        + cast(right($month, 2) as integer) - cast(right(judged.last_evaluated, 2) as integer)
    ) as list_age
from township
cross join rule
left join judged on judged.rule_id = rule.rule_id and judged.township_code = township.township_code
left join lead.unsure as unsure
    on unsure.month = $month and unsure.rule_id = rule.rule_id and unsure.township_code = township.township_code
left join found on found.rule_id = rule.rule_id and found.township_code = township.township_code
left join waiting on waiting.rule_id = rule.rule_id and waiting.township_code = township.township_code
