-- One row per month and township: residents by the population source that _G12 picks.
with stated as (
    select year, township_code, population_source, population, urban_population, rural_population,
        row_number() over (
            partition by year, township_code, population_source order by intake_no desc, row_no desc
        ) as turn
    from register.population
),

counted as (
    select left(township_code, 6) as county_code, year, population_source, count(distinct township_code) as townships,
        case population_source when '常住' then 1 when '普查' then 2 when '户籍' then 3 end as preference
    from stated
    where turn = 1
    group by left(township_code, 6), year, population_source
),

newest as (
    select left(stated.township_code, 6) as county_code, months.month, max(stated.year) as year
    from work.month as months
    inner join stated on stated.year <= months.year
    group by left(stated.township_code, 6), months.month
),

chosen as (
    select newest.county_code, newest.month, newest.year, counted.population_source,
        row_number() over (partition by newest.county_code, newest.month order by counted.preference) as turn
    from newest
    inner join counted on newest.county_code = counted.county_code and newest.year = counted.year and counted.preference is not null
    where counted.townships >= (
        select count(*) from place
        where place.month = newest.month and place.area = 'township' and starts_with(place.township_code, counted.county_code)
    )
)

select chosen.month, stated.township_code, stated.population, stated.urban_population, stated.rural_population
from chosen
inner join stated
    on chosen.county_code = left(stated.township_code, 6) and chosen.year = stated.year and chosen.population_source = stated.population_source and stated.turn = 1
where chosen.turn = 1
