-- One row per case of the month that holds, or that waits although its lists have not come.
select
    c.case_id, c.rule_id, c.month, c.person_key, c.township_code, latest.evidence,
    c.opened_on, c.due_on, c.state, c.outcome_code as outcome, c.decided_on, now.month is not null as holds,
    coalesce(judged.complete, false) as complete, unsure.rule_id is not null as unsure,
    c.opened_month = c.month as newly_opened
from lead.case_month as c
left join lead.lead as now
    on now.month = c.month
    and now.rule_id = c.rule_id
    and now.person_key = c.person_key
    and now.township_code = c.township_code
left join lead.lead as latest
    on latest.month = c.last_month
    and latest.rule_id = c.rule_id
    and latest.person_key = c.person_key
    and latest.township_code = c.township_code
left join lead.evaluated as judged
    on judged.month = c.month and judged.rule_id = c.rule_id and judged.township_code = c.township_code
left join lead.unsure as unsure
    on unsure.month = c.month and unsure.rule_id = c.rule_id and unsure.township_code = c.township_code
where c.month = $month and (now.month is not null or list_contains($pending, c.state))
order by c.township_code, c.rule_id, c.case_id
