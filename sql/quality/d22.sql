-- One row per township: its share of residents on dibao is below three times the county's.
with persons as (
    select month, township_code, count(distinct person_key) as persons
    from register.dibao_roll
    where active and month in (select month from work.month)
    group by month, township_code
),

rate as (
    select persons.month, persons.township_code, persons.persons / nullif(resident.population, 0) as share,
        sum(persons.persons) over county
        / nullif(sum(resident.population) over county, 0) as county_share
    from persons
    left join resident on persons.month = resident.month and persons.township_code = resident.township_code
    window county as (partition by persons.month, left(persons.township_code, 6))
)

select month, township_code, 'dibao_roll' as dataset, null as person_key, null as intake_no, null as sheet, null as row_no,
    share >= $multiple * county_share as broken
from rate
