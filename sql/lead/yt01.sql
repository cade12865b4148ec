-- One row per month, person and township: a review of dibao is more than 30 days overdue.
select dibao.month, dibao.person_key, dibao.township_code, string_agg(dibao.place, ';' order by dibao.place) as evidence
from active_dibao as dibao
where dibao.review_overdue
group by dibao.month, dibao.person_key, dibao.township_code
