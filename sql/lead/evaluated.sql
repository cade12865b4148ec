-- One row per rule, month and township in which the rule can be judged (_C3): the first list covers the township and every
-- other list has an accepted file of the county. `lead_list` names the lists of each rule; death_list and policy_param are not needed.
-- A rule that finds an absence judges nobody where a list in which something must be missing has not come for the township.
with newest_list as (
    select work.month.month, c.dataset, c.township_code, max(c.month) as newest
    from work.month
    join register.coverage as c on c.month <= work.month.month
    group by work.month.month, c.dataset, c.township_code
),
needed as (
    select rule_id, count(*) as lists from lead_list where needed group by rule_id
),
present as (
    select rule_id, month, county_code, count(*) as lists, max(first_received_at) as first_received_at
    from (
        select lead_list.rule_id, covered.month, left(covered.township_code, 6) as county_code, covered.dataset,
            min(covered.first_received_at) as first_received_at
        from lead_list
        join covered using (dataset)
        where lead_list.needed
        group by all
    ) as there
    group by rule_id, month, county_code
),
full_lists as (
    select lead_list.rule_id, covered.month, covered.township_code, count(distinct covered.dataset) as lists
    from lead_list
    join covered using (dataset)
    where lead_list.needed and (covered.full_size or not lead_list.sized)
    group by lead_list.rule_id, covered.month, covered.township_code
),
first_list as (
    select lead_list.rule_id, covered.month, covered.township_code, min(covered.first_received_at) as first_received_at
    from lead_list
    join covered using (dataset)
    where lead_list.position = 0
    group by lead_list.rule_id, covered.month, covered.township_code
),
not_there as (
    select distinct first_list.rule_id, first_list.month, first_list.township_code
    from first_list
    join lead_list on lead_list.rule_id = first_list.rule_id and lead_list.absent_from
    left join covered
        on covered.dataset = lead_list.dataset
        and covered.month = first_list.month
        and covered.township_code = first_list.township_code
    where covered.dataset is null
),
age as (
    select rule_id, month, township_code, max(
        (cast(left(month, 4) as integer) - cast(left(newest, 4) as integer)) * 12
        + cast(right(month, 2) as integer) - cast(right(newest, 2) as integer)
    ) as list_age
    from (
        select first_list.rule_id, first_list.month, first_list.township_code, greatest(own.newest, county.newest) as newest
        from first_list
        join lead_list on lead_list.rule_id = first_list.rule_id and lead_list.dataset <> 'policy_param'
        left join newest_list as own
            on own.month = first_list.month
            and own.dataset = lead_list.dataset
            and own.township_code = first_list.township_code
        left join newest_list as county
            on county.month = first_list.month
            and county.dataset = lead_list.dataset
            and length(county.township_code) = 6
            and starts_with(first_list.township_code, county.township_code)
    ) as rested_on
    group by rule_id, month, township_code
)
select first_list.rule_id, first_list.month, first_list.township_code,
    coalesce(
        cast(greatest(first_list.first_received_at, present.first_received_at) as date), work.month.month_end
    ) as opened_on,
    coalesce(full_lists.lists = needed.lists, false) as complete,
    age.list_age
from first_list
join work.month using (month)
join needed using (rule_id)
join present
    on present.rule_id = first_list.rule_id and present.month = first_list.month
    and present.county_code = left(first_list.township_code, 6)
join age
    on age.rule_id = first_list.rule_id
    and age.month = first_list.month
    and age.township_code = first_list.township_code
join lead_rule on lead_rule.rule_id = first_list.rule_id
left join full_lists
    on full_lists.rule_id = first_list.rule_id
    and full_lists.month = first_list.month
    and full_lists.township_code = first_list.township_code
where present.lists = needed.lists
    and (first_list.rule_id, first_list.month, first_list.township_code) not in (
        select (rule_id, month, township_code) from not_there
    )
    and work.month.month_end >= lead_rule.valid_from
    and (lead_rule.valid_to is null or work.month.month_end < lead_rule.valid_to)
