-- One row per month, person and township: a review of dibao is more than 30 days overdue.
select dibao.month, dibao.person_key, dibao.township_code, string_agg(dibao.place, ';' order by dibao.place) as evidence
from active_dibao as dibao
join work.month on work.month.month = dibao.month
where dibao.review_due_on + 30 < work.month.month_end
    and (dibao.reviewed_on is null or dibao.reviewed_on < dibao.review_due_on)
group by dibao.month, dibao.person_key, dibao.township_code
