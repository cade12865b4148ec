-- One row per month, person and township of the subsidy row: a tekun person draws a disability subsidy.
select drawn.month, drawn.person_key, drawn.township_code,
    string_agg(distinct drawn.place, ';' order by drawn.place) || ';'
    || string_agg(distinct other.place, ';' order by other.place) as evidence
from active_pwd as drawn
join active_tekun as other on other.month = drawn.month and other.person_key = drawn.person_key
where drawn.living_amount > 0 or drawn.care_amount > 0
group by drawn.month, drawn.person_key, drawn.township_code
