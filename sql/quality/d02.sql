-- One row per township: minors, adults and elders together are all persons whose age is known.
with person as (
    select distinct month, township_code, person_key, age
    from register.dibao_roll
    where active and month in (select month from work.month)
        and coalesce(flags, '') not like '%id_missing%'
)

select month, township_code, 'dibao_roll' as dataset, null as person_key, null as intake_no, null as sheet, null as row_no,
    count(*) filter (where age between 0 and 17)
    + count(*) filter (where age between 18 and 59)
    + count(*) filter (where age between 60 and 150) <> count(distinct person_key) as broken
from person
group by month, township_code
