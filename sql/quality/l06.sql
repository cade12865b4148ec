-- One row per case as it stands in the month: its rule has a level, it is not decided before it opens, closed it has an outcome.
select stage.month, stage.township_code, 'lead_case' as dataset, stage.person_key, null as intake_no, null as sheet, null as row_no,
    coalesce(level.level, '') not in ('red', 'orange', 'yellow')
    or coalesce(stage.decided_on < stage.opened_on, false)
    or (stage.state = 'closed' and coalesce(outcome.closes, false) = false) as broken
from lead.case_month as stage
left join lead_level as level on stage.rule_id = level.rule_id
left join lead_outcome as outcome on stage.outcome_code = outcome.code
where stage.month in (select month from work.month)
