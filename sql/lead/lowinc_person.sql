-- One row per month and living person in any low-income class: the class of highest priority, the township of its row.
-- Classes and their order: social assistance law, as set out in docs/sources.md 2.1 (低收入人口监测).
with member as (
    select month, person_key, township_code, 'tekun' as class, 1 as priority from active_tekun
    union all
    select month, person_key, township_code, 'dibao', 2 from active_dibao
    union all
    select month, person_key, township_code,
        case lowinc_class
            when '低保边缘' then 'edge'
            when '刚性支出困难' then 'rigid'
            when '防返贫监测' then 'monitored'
            when '申请未通过' then 'refused'
            when '退出两年内' then 'exited'
        end,
        case lowinc_class
            when '低保边缘' then 3
            when '刚性支出困难' then 4
            when '防返贫监测' then 5
            when '申请未通过' then 6
            when '退出两年内' then 7
        end
    from lowinc_now
    where lowinc_class in ('低保边缘', '刚性支出困难', '防返贫监测', '申请未通过', '退出两年内')
    union all
    select month, person_key, township_code, 'monitored', 5 from monitored
    union all
    select month, person_key, township_code, 'refused', 6 from refused
    union all
    select month, person_key, township_code, 'exited', 7 from exited
),
ranked as (
    select member.*, row_number() over (
        partition by member.month, member.person_key order by member.priority, member.township_code
    ) as rank
    from member
    where not exists (
        select 1 from dead where dead.month = member.month and dead.person_key = member.person_key
    )
)
select month, person_key, township_code, class
from ranked
where rank = 1
union all
-- Who has the same rows as when last judged is in the same class.
select month, person_key, township_code, class
from carried
