-- One row per month, person and township of the subsidy row: draws a work-injury nursing fee and a disability subsidy.
select drawn.month, drawn.person_key, drawn.township_code,
    string_agg(distinct drawn.place, ';' order by drawn.place) || ';'
    || string_agg(distinct nursed.place, ';' order by nursed.place) as evidence
from active_pwd as drawn
join nursed on nursed.month = drawn.month and nursed.person_key = drawn.person_key
where drawn.living_amount > 0 or drawn.care_amount > 0
group by drawn.month, drawn.person_key, drawn.township_code
