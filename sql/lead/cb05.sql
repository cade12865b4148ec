-- One row per month, person and township of the subsidy row: living subsidy without dibao and without edge status.
select drawn.month, drawn.person_key, drawn.township_code,
    string_agg(drawn.place, ';' order by drawn.place) as evidence
from active_pwd as drawn
where drawn.living_amount > 0
    and not exists (select 1 from active_dibao as d where d.month = drawn.month and d.person_key = drawn.person_key)
    and not exists (
        select 1 from lowinc_now as edge
        where edge.month = drawn.month and edge.person_key = drawn.person_key and edge.lowinc_class = '低保边缘'
    )
group by drawn.month, drawn.person_key, drawn.township_code
