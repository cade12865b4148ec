-- One row per month, person and township of this month's aid: the `grants`th or later within 12 months for the same cause.
-- A cause outside the list (未知) is not known to be the same.
with often as (
    select month, person_key, cause, string_agg(place, ';' order by place) as places
    from granted
    where within_12 and cause <> '未知'
    group by month, person_key, cause
    having count(*) >= $grants
)
select granted.month, granted.person_key, granted.township_code,
    string_agg(distinct often.places, ';' order by often.places) as evidence
from granted
join often using (month, person_key, cause)
where granted.this_month
group by granted.month, granted.person_key, granted.township_code
