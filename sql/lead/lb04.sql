-- One row per month, person and township of the latest exit: left dibao or tekun less than 24 months ago, back on neither
-- and not monitored. Exits of one month in two townships are equally late: one row in each.
with recent as (
    select exited.*, rank() over (partition by month, person_key order by exit_month desc) as lateness
    from exited
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
