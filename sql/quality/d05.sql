-- One row per dibao stock: townships add up to the county (people on two rolls counted once), town and country to the total.
with persons as (
    select month, indicator_id, ref_area, obs_value
    from indicator.observation
    where indicator_id in ('dibao_urban_persons', 'dibao_rural_persons') and month in (select month from work.month)
        and sex = '_T' and age_group = '_T' and category = '_T' and residence = '_T' and obs_status <> 'M'
),

townships as (
    select month, indicator_id, sum(obs_value) as persons, count(*) as townships
    from persons
    where length(ref_area) = 9
    group by month, indicator_id
),

there as (
    select month, count(*) as townships
    from place
    where area = 'township'
    group by month
),

again as (
    select month, scheme, sum(townships - 1) as persons
    from (
        select month, scheme, person_key, count(distinct township_code) as townships
        from register.dibao_roll
        where active and month in (select month from work.month)
        group by month, scheme, person_key
    ) as person
    group by month, scheme
),

both_schemes as (
    select month, count(*) as persons
    from (
        select month, person_key
        from register.dibao_roll
        where active and month in (select month from work.month)
        group by month, person_key
        having count(distinct scheme) > 1
    ) as person
    group by month
),

total as (
    select month, numerator as persons
    from indicator.observation
    where indicator_id = 'dibao_coverage' and length(ref_area) = 6 and residence = '_T' and obs_status <> 'M'
        and month in (select month from work.month)
)

select county.month, null as township_code, 'observation' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    case when townships.townships = there.townships then townships.persons - coalesce(again.persons, 0) <> county.obs_value end as broken
from persons as county
inner join there on county.month = there.month
inner join townships on county.month = townships.month and county.indicator_id = townships.indicator_id
left join again
    on county.month = again.month
    and again.scheme = case county.indicator_id when 'dibao_urban_persons' then '城市低保' else '农村低保' end
where length(county.ref_area) = 6
union all
select total.month, null, 'observation', null, null, null, null,
    sum(county.obs_value) - max(coalesce(both_schemes.persons, 0)) <> max(total.persons)
from total
inner join persons as county on total.month = county.month and length(county.ref_area) = 6
left join both_schemes on total.month = both_schemes.month
group by total.month
having count(*) = 2
