-- One row per person newly on dibao in the month or gone from it; moves between townships and rebuilt files are neither.
with roll as (
    select month, person_key, bool_or(active) as was_active, bool_or(not active) as was_stopped
    from register.dibao_roll
    group by month, person_key
),
moved as (
    select
        this.*, work.month.previous_month,
        if(this.scheme = '城市低保', 'U', 'R') as residence_of,
        case
            when this.stop_reason is null or this.stop_reason = '未知' then 'UNKNOWN'
            when this.stop_reason = '收入超标' then 'INCOME'
            when this.stop_reason = '死亡' then 'DEATH'
            when this.stop_reason = '迁出' then 'MOVE'
            when this.stop_reason = '核查不符' then 'VERIFY'
            when this.stop_reason = '自愿退出' then 'VOLUNTARY'
            when this.stop_reason = '合并' then 'MERGE'
            when this.stop_reason = '其他' then 'OTHER'
        end as reason
    from register.dibao_roll as this
    join work.month using (month)
    where this.status in ('新增', '停保')
)
select 'dibao_new' as indicator_id, moved.month, township_code, moved.person_key as case_key, residence_of as residence
from moved
join roll as now on now.month = moved.month and now.person_key = moved.person_key
left join roll as before on before.month = moved.previous_month and before.person_key = moved.person_key
where status = '新增' and not now.was_stopped and not coalesce(before.was_active, false)
union all by name
select
    'dibao_exit' as indicator_id, moved.month, township_code, moved.person_key as case_key, residence_of as residence,
    reason as category
from moved
join roll as now on now.month = moved.month and now.person_key = moved.person_key
left join roll as before on before.month = moved.previous_month and before.person_key = moved.person_key
where status = '停保' and not now.was_active and not coalesce(before.was_stopped, false)
