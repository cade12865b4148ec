-- One row per thing counted: the grain of every model in `case/`. Null where an indicator has no such breakdown.
-- `person_key` where the thing is a household: a row per member then, each behind the same thing.
select
    cast(null as varchar) as indicator_id,
    'numerator' as part,
    cast(null as varchar) as month,
    cast(null as varchar) as township_code,
    cast(null as varchar) as village_code,
    cast(null as varchar) as case_key,
    cast(null as varchar) as person_key,
    cast(null as varchar) as residence,
    cast(null as varchar) as sex,
    cast(null as varchar) as age_group,
    cast(null as varchar) as category,
    cast(null as varchar) as second_category
limit 0
