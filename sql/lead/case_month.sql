-- One row per case and month of `work.month` from its first lead on: how the case stood at that month's end.
-- An episode begins where the condition starts to hold, or goes on in a month begun after a closing that does not last.
-- Cases go on from how they stood in the month $base, the latest before `work.month` (null: from the beginning).
with base as (
    select c.rule_id, c.person_key, c.township_code, c.first_month, c.opened_month, c.last_month, ended.month as ended_month
    from lead.case_month as c
    left join (
        select rule_id, township_code, max(month) as month
        from lead.evaluated
        where complete and month <= $base
        group by rule_id, township_code
    ) as ended
        on ended.rule_id = c.rule_id and ended.township_code = c.township_code and ended.month > c.last_month
    where c.month = $base and c.last_month is not null
),
known as (
    select rule_id, person_key, township_code, min(first_month) as first_month
    from (
        select rule_id, person_key, township_code, first_month from base
        union all
        select rule_id, person_key, township_code, month from lead.lead where month > coalesce($base, '')
    ) as seen
    group by rule_id, person_key, township_code
),
standing as (
    select known.*, judged.month, lead.month is not null as holds, cast(null as varchar) as opened_before
    from known
    join lead.evaluated as judged
        on judged.rule_id = known.rule_id
        and judged.township_code = known.township_code
        and judged.month >= known.first_month
        and judged.month > coalesce($base, '')
    left join lead.lead as lead
        on lead.rule_id = known.rule_id
        and lead.person_key = known.person_key
        and lead.township_code = known.township_code
        and lead.month = judged.month
    where lead.month is not null or judged.complete
    union all
    select rule_id, person_key, township_code, first_month, last_month, true, opened_month
    from base
    union all
    select rule_id, person_key, township_code, first_month, ended_month, false, null
    from base
    where ended_month is not null
),
answer as (
    select outcome.*, outcome_code.closes, outcome_code.lasting
    from lead.outcome as outcome
    join outcome_code using (code)
),
resumed as (
    select distinct rule_id, person_key, township_code, month
    from (
        select answer.outcome_no, answer.rule_id, answer.person_key, answer.township_code, min(standing.month) as month
        from answer
        join standing
            on standing.rule_id = answer.rule_id
            and standing.person_key = answer.person_key
            and standing.township_code = answer.township_code
        where answer.closes and not answer.lasting
            and standing.holds
            and standing.month > answer.month
            and cast(standing.month || '-01' as date) > answer.decided_on
        group by answer.outcome_no, answer.rule_id, answer.person_key, answer.township_code
    ) as first_after
),
marked as (
    select standing.*,
        standing.holds and (
            resumed.month is not null
            or not coalesce(lag(standing.holds) over (
                partition by standing.rule_id, standing.person_key, standing.township_code order by standing.month
            ), false)
        ) as starts
    from standing
    left join resumed
        on resumed.rule_id = standing.rule_id
        and resumed.person_key = standing.person_key
        and resumed.township_code = standing.township_code
        and resumed.month = standing.month
),
running as (
    select rule_id, person_key, township_code, first_month, month, holds,
        max(case when starts then coalesce(opened_before, month) end) over so_far as opened_month,
        max(case when holds then month end) over so_far as last_month,
        lead(month) over (partition by rule_id, person_key, township_code order by month) as next_month
    from marked
    window so_far as (
        partition by rule_id, person_key, township_code order by month
        rows between unbounded preceding and current row
    )
),
as_at as (
    select running.* exclude (month, next_month), work.month.month
    from running
    join work.month
        on work.month.month >= running.month
        and (running.next_month is null or work.month.month < running.next_month)
),
answered as (
    select as_at.rule_id, as_at.person_key, as_at.township_code, as_at.month, answer.code, answer.closes, answer.decided_on,
        row_number() over (
            partition by as_at.rule_id, as_at.person_key, as_at.township_code, as_at.month order by answer.outcome_no desc
        ) as newest
    from as_at
    join answer
        on answer.rule_id = as_at.rule_id
        and answer.person_key = as_at.person_key
        and answer.township_code = as_at.township_code
        and answer.month between as_at.opened_month and as_at.month
),
last_judged as (
    select judged.rule_id, judged.township_code, work.month.month, max(judged.month) as last_evaluated
    from lead.evaluated as judged
    join work.month on judged.month <= work.month.month
    group by judged.rule_id, judged.township_code, work.month.month
),
withdrawn as (
    select outcome.*, work.month.month as at_month,
        min(outcome.month) over (partition by outcome.case_id, work.month.month) as first_month,
        row_number() over (partition by outcome.case_id, work.month.month order by outcome.outcome_no desc) as newest
    from lead.outcome as outcome
    join work.month on outcome.month <= work.month.month
    left join known
        on known.rule_id = outcome.rule_id
        and known.person_key = outcome.person_key
        and known.township_code = outcome.township_code
        and known.first_month <= work.month.month
    where known.rule_id is null
)
select
    left(md5(as_at.rule_id || '|' || as_at.person_key || '|' || as_at.township_code), 16) as case_id,
    as_at.rule_id, as_at.month, as_at.person_key, as_at.township_code,
    as_at.first_month, as_at.opened_month, opening.opened_on, opening.opened_on + time_allowed.days as due_on,
    case
        when answered.closes then 'closed'
        when not as_at.holds then 'disappeared'
        when answered.code is not null then 'acknowledged'
        when as_at.opened_month > as_at.first_month then 'reopened'
        else 'open'
    end as state,
    case when not as_at.holds and not coalesce(answered.closes, false) then 'condition_ended' end as reason,
    answered.code as outcome_code, answered.decided_on, as_at.last_month, last_judged.last_evaluated
from as_at
join time_allowed on time_allowed.rule_id = as_at.rule_id
join lead.evaluated as opening
    on opening.rule_id = as_at.rule_id
    and opening.township_code = as_at.township_code
    and opening.month = as_at.opened_month
left join last_judged
    on last_judged.rule_id = as_at.rule_id
    and last_judged.township_code = as_at.township_code
    and last_judged.month = as_at.month
left join answered
    on answered.rule_id = as_at.rule_id
    and answered.person_key = as_at.person_key
    and answered.township_code = as_at.township_code
    and answered.month = as_at.month
    and answered.newest = 1
union all
-- A correction took the lead away after a township had answered: the answer stays.
select withdrawn.case_id, withdrawn.rule_id, withdrawn.at_month, withdrawn.person_key, withdrawn.township_code,
    withdrawn.first_month, withdrawn.first_month, null, null,
    case when outcome_code.closes then 'closed' else 'disappeared' end, 'withdrawn',
    withdrawn.code, withdrawn.decided_on, null, null
from withdrawn
join outcome_code using (code)
where withdrawn.newest = 1
