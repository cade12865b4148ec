-- One row per month, person and township: active in two or more townships of the same roll (elder roll: of the same kind).
with listed as (
    select 'dibao_roll' as roll, month, person_key, township_code, place from active_dibao
    union all
    select 'tekun_roll', month, person_key, township_code, place from active_tekun
    union all
    select 'child_roll', month, person_key, township_code, place from active_child
    union all
    select 'pwd_roll', month, person_key, township_code, place from active_pwd
    union all
    select 'elder_roll ' || subsidy_kind, month, person_key, township_code, place from active_elder
),
twice as (
    select roll, month, person_key
    from listed
    group by roll, month, person_key
    having count(distinct township_code) > 1
)
select month, person_key, township_code, string_agg(distinct place, ';' order by place) as evidence
from listed
join twice using (roll, month, person_key)
group by month, person_key, township_code
