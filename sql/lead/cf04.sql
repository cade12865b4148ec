-- One row per month, person and township of the subsidy row: an orphan or unattended child draws the living subsidy.
select drawn.month, drawn.person_key, drawn.township_code,
    string_agg(distinct drawn.place, ';' order by drawn.place) || ';'
    || string_agg(distinct other.place, ';' order by other.place) as evidence
from active_pwd as drawn
join active_child as other on other.month = drawn.month and other.person_key = drawn.person_key
where drawn.living_amount > 0
group by drawn.month, drawn.person_key, drawn.township_code
