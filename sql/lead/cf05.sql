-- One row per month, person and township of the subsidy row: draws a work-injury nursing fee and a disability subsidy.
with nursed as (
    select month, person_key, 'pwd_card:' || intake_no || ':' || coalesce(sheet, '') || ':' || row_no as place
    from register.pwd_card
    where injury_nursing_fee and month in (select month from work.month)
)
select drawn.month, drawn.person_key, drawn.township_code,
    string_agg(distinct drawn.place, ';' order by drawn.place) || ';'
    || string_agg(distinct nursed.place, ';' order by nursed.place) as evidence
from active_pwd as drawn
join nursed on nursed.month = drawn.month and nursed.person_key = drawn.person_key
where drawn.living_amount > 0 or drawn.care_amount > 0
group by drawn.month, drawn.person_key, drawn.township_code
