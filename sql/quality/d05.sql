-- One row per dibao stock and county: townships add up to the county (people on two rolls counted once), town and country to the total.
with persons as (
    select month, indicator_id, ref_area, left(ref_area, 6) as county_code, obs_value
    from indicator.observation
    where indicator_id in ('dibao_urban_persons', 'dibao_rural_persons') and month in (select month from work.month)
        and sex = '_T' and age_group = '_T' and category = '_T' and residence = '_T' and obs_status <> 'M'
),

townships as (
    select persons.month, persons.indicator_id, persons.county_code, sum(persons.obs_value) as persons,
        count(*) = (
            select count(*) from place
            where place.month = persons.month and place.area = 'township'
                and starts_with(place.township_code, persons.county_code)
        ) as all_there
    from persons
    where length(ref_area) = 9
    group by persons.month, persons.indicator_id, persons.county_code
),

again as (
    select month, county_code, scheme, sum(townships - 1) as persons
    from (
        select month, left(township_code, 6) as county_code, scheme, person_key, count(distinct township_code) as townships
        from register.dibao_roll
        where active and month in (select month from work.month)
        group by month, left(township_code, 6), scheme, person_key
    ) as person
    group by month, county_code, scheme
),

both_schemes as (
    select month, county_code, count(*) as persons
    from (
        select month, left(township_code, 6) as county_code, person_key
        from register.dibao_roll
        where active and month in (select month from work.month)
        group by month, left(township_code, 6), person_key
        having count(distinct scheme) > 1
    ) as person
    group by month, county_code
),

total as (
    select month, ref_area, numerator as persons
    from indicator.observation
    where indicator_id = 'dibao_coverage' and length(ref_area) = 6 and residence = '_T' and obs_status <> 'M'
        and month in (select month from work.month)
)

select county.month, county.ref_area as township_code, 'observation' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    case when townships.all_there then townships.persons - coalesce(again.persons, 0) <> county.obs_value end as broken
from persons as county
inner join townships
    on county.month = townships.month and county.indicator_id = townships.indicator_id and county.ref_area = townships.county_code
left join again
    on county.month = again.month and county.ref_area = again.county_code
    and again.scheme = case county.indicator_id when 'dibao_urban_persons' then '城市低保' else '农村低保' end
where length(county.ref_area) = 6
union all
select total.month, total.ref_area, 'observation', null, null, null, null,
    sum(county.obs_value) - max(coalesce(both_schemes.persons, 0)) <> max(total.persons)
from total
inner join persons as county on total.month = county.month and total.ref_area = county.ref_area
left join both_schemes on total.month = both_schemes.month and total.ref_area = both_schemes.county_code
group by total.month, total.ref_area
having count(*) = 2
