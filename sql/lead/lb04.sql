-- One row per month, person and township of the latest exit: left dibao or tekun less than 24 months ago, back on neither
-- and not monitored. Exits of one month in two townships are equally late: one row in each.
with exits as (
    select month, person_key, township_code, stop_reason, status,
        'dibao_roll:' || intake_no || ':' || coalesce(sheet, '') || ':' || row_no as place
    from register.dibao_roll
    union all
    select month, person_key, township_code, stop_reason, status,
        'tekun_roll:' || intake_no || ':' || coalesce(sheet, '') || ':' || row_no
    from register.tekun_roll
),
recent as (
    select work.month.month, exits.person_key, exits.township_code, exits.place,
        rank() over (partition by work.month.month, exits.person_key order by exits.month desc) as lateness
    from work.month
    join exits
        on exits.month <= work.month.month
        and exits.month > strftime(work.month.month_start - to_months(24), '%Y-%m')
    where exits.status = '停保' and coalesce(exits.stop_reason, '') not in ('死亡', '迁出')
)
select recent.month, recent.person_key, recent.township_code,
    string_agg(distinct recent.place, ';' order by recent.place) as evidence
from recent
where recent.lateness = 1
    and not exists (select 1 from active_dibao as d where d.month = recent.month and d.person_key = recent.person_key)
    and not exists (select 1 from active_tekun as t where t.month = recent.month and t.person_key = recent.person_key)
    and not exists (select 1 from lowinc_now as l where l.month = recent.month and l.person_key = recent.person_key)
    and not exists (select 1 from dead where dead.month = recent.month and dead.person_key = recent.person_key)
group by recent.month, recent.person_key, recent.township_code
