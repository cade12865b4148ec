-- One row per township and effect: people and change of one month's benefit when the standard goes from $old to $new
-- (yuan a month). Dibao pays the difference to the standard: the share rises by the rise, a top-up in proportion, and who
-- has the new standard in income leaves; members of edge households below it come in (in town where the village code says
-- community). Flat subsidies move by the difference.
with drawn as (
    select * from ({drawn}) as drawn
    where month = $month and param_code = $param_code and coalesce(band, '') = coalesce($band, '')
),
held as (
    select person_key, township_code, amount,
        case
            when income >= $new then 0
            else greatest(amount - top_up + ($new - $old), 0) + top_up * $new / $old
        end as new_amount
    from drawn
),
came as (
    select edge.person_key, edge.township_code, $new - edge.income_per_head_year / 12 as new_amount
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
        case when new_amount = 0 then 'left' when new_amount < amount then 'less' else 'more' end as effect
    from held
    where new_amount <> amount
    union all
    select township_code, person_key, new_amount, 'entered' from came
)
select township_code, effect, count(distinct person_key) as people,
    cast(round(sum(yuan), 2) as decimal(18, 2)) as yuan
from change
group by township_code, effect
order by township_code, effect
