-- One row per month, person and township of the dibao row: on dibao and on tekun.
select dibao.month, dibao.person_key, dibao.township_code,
    string_agg(distinct dibao.place, ';' order by dibao.place) || ';'
    || string_agg(distinct tekun.place, ';' order by tekun.place) as evidence
from active_dibao as dibao
join active_tekun as tekun on tekun.month = dibao.month and tekun.person_key = dibao.person_key
group by dibao.month, dibao.person_key, dibao.township_code
