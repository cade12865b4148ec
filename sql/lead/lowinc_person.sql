-- One row per month and living person in any low-income class: the class of highest priority, the township of its row.
-- Classes and their order: social assistance law, as set out in policy facts, section 2.1 (低收入人口监测).
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
    select month, person_key, township_code, 'monitored', 5
    from register.monitored_household
    where month in (select month from work.month) and not risk_removed
    union all
    select work.month.month, refused.person_key, refused.township_code, 'refused', 6
    from work.month
    join register.application as refused
        on refused.month <= work.month.month
        and refused.decision = '不予'
        and refused.decided_on <= work.month.month_end
        and refused.decided_on > cast(work.month.month_end - to_months(24) as date)
    union all
    select work.month.month, roll.person_key, roll.township_code, 'exited', 7
    from work.month
    join (
        select month, person_key, township_code, status, stop_reason from register.dibao_roll
        union all
        select month, person_key, township_code, status, stop_reason from register.tekun_roll
    ) as roll
        on roll.month <= work.month.month
        and roll.month > strftime(work.month.month_start - to_months(24), '%Y-%m')
        and roll.status = '停保'
        and coalesce(roll.stop_reason, '') not in ('死亡', '迁出')
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
