-- One row per month, person and township of the dibao row, else of the tekun row: a vehicle was found.
select aided.month, aided.person_key, aided.township_code,
    string_agg(distinct aided.place, ';' order by aided.place) || ';'
    || string_agg(distinct hit.place, ';' order by hit.place) as evidence
from aided
join checked_asset as hit
    on hit.month = aided.month and hit.person_key = aided.person_key and hit.county_code = left(aided.township_code, 6)
where hit.hit_kind = '车辆' and hit.hit_value >= 1
group by aided.month, aided.person_key, aided.township_code
