-- One row per rule, month, person and township: leads whose case is open at the month's end, and findings of the month.
select lead.rule_id, lead.month, lead.person_key, lead.township_code
from lead.lead as lead
join work.month using (month)
left join lead.case_month as standing
    on standing.month = lead.month and standing.rule_id = lead.rule_id and standing.person_key = lead.person_key
    and standing.township_code = lead.township_code
where standing.state is null or standing.state in (select state from open_state)
union
select rule_id, month, person_key, township_code
from quality.finding
join work.month using (month)
