-- One row per township, effect and reason: people and change of one month's benefit when the standard goes from $old to $new
-- (yuan a month). Dibao pays the difference to the standard: the share rises by the rise, a top-up in proportion, and who
-- has the new standard in income leaves; members of edge households below it come in (in town where the village code says
-- community). Flat subsidies move by the difference. `reason` says why somebody leaves or comes in: household (others of the
-- household stay: its incomes differ, or it has changed), income_between (the two standards), income_above (both: the old
-- one was passed already), income_below (both: entitled already), nothing_left (of the amount).
with drawn as (
    select * from ({drawn}) as drawn
    where month = $month and param_code = $param_code and coalesce(band, '') = coalesce($band, '')
),
held as (
    select person_key, township_code, amount, income, coalesce(household, person_key) as household,
        case
            when income >= $new then 0
            else greatest(amount - top_up + ($new - $old), 0) + top_up * $new / $old
        end as new_amount
    from drawn
),
explained as (
    select *,
        case
            when max(new_amount) over (partition by township_code, household) > 0 then 'household'
            when income >= $new and income >= $old then 'income_above'
            when income >= $new then 'income_between'
            else 'nothing_left'
        end as why
    from held
),
came as (
    select edge.person_key, edge.township_code, $new - edge.income_per_head_year / 12 as new_amount,
        if(edge.income_per_head_year / 12 < $old, 'income_below', 'income_between') as why
    from lowinc_now
    join register.lowinc_register as edge
        on edge.month = lowinc_now.month and edge.person_key = lowinc_now.person_key
    where lowinc_now.month = $month and lowinc_now.lowinc_class = '低保边缘' and edge.lowinc_class = '低保边缘'
        and edge.income_per_head_year / 12 < $new
        and $param_code = case
            when right(edge.region_code, 3) between '001' and '199' then 'dibao_std_urban' else 'dibao_std_rural'
        end
        and not exists (select 1 from active_dibao as d where d.month = edge.month and d.person_key = edge.person_key)
        and not exists (select 1 from active_tekun as t where t.month = edge.month and t.person_key = edge.person_key)
),
change as (
    select township_code, person_key, new_amount - amount as yuan,
        case when new_amount = 0 then 'left' when new_amount < amount then 'less' else 'more' end as effect,
        if(new_amount = 0, why, null) as reason
    from explained
    where new_amount <> amount
    union all
    select township_code, person_key, new_amount, 'entered', why from came
)
select township_code, effect, reason, count(distinct person_key) as people,
    cast(round(sum(yuan), 2) as decimal(18, 2)) as yuan
from change
group by township_code, effect, reason
order by township_code, effect, reason
