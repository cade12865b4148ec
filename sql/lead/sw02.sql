-- One row per month, person and township of the roll row: active on any roll in a month after the month of death.
with listed as (
    select month, person_key, township_code, place from active_dibao
    union all
    select month, person_key, township_code, place from active_tekun
    union all
    select month, person_key, township_code, place from active_child
    union all
    select month, person_key, township_code, place from active_pwd
    union all
    select month, person_key, township_code, place from active_elder
)
select listed.month, listed.person_key, listed.township_code,
    string_agg(distinct listed.place, ';' order by listed.place) || ';' || min(dead.place) as evidence
from listed
join dead on dead.month = listed.month and dead.person_key = listed.person_key
where dead.before_month
group by listed.month, listed.person_key, listed.township_code
