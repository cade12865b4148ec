-- One row per month and area: the population of the greatest year, first complete source (_G12), told of each area that holds
-- whole counties by its own townships, and of a township as of its county.
with latest as (
    select
        population.*,
        row_number() over (
            partition by year, township_code, population_source order by month desc, intake_no desc, row_no desc
        ) as rank
    from register.population
),
known as (
    select latest.* exclude (month, rank), whole.ref_area as whole_area
    from latest
    join area on area.ref_area = latest.township_code and area.level = 'township'
    join whole using (county_code)
    where rank = 1
),
newest as (
    select work.month.month, work.month.year as month_year, whole_area, max(known.year) as year
    from work.month
    join known on known.year <= work.month.year
    group by all
),
there as (
    select month, whole.ref_area as whole_area, area.ref_area as township_code
    from area_in_force as area
    join whole using (county_code)
    where area.level = 'township'
),
complete as (
    select there.month, there.whole_area, known.year, population_source, any_value(preference) as preference
    from work.month
    join there using (month)
    join known using (township_code, whole_area)
    join population_preference using (population_source)
    group by there.month, there.whole_area, known.year, population_source
    having count(distinct township_code) = (
        select count(*) from there as due where due.month = there.month and due.whole_area = there.whole_area
    )
),
chosen as (
    select
        month, month_year, whole_area, year, population_source,
        row_number() over (partition by month, whole_area order by preference) as rank
    from newest
    join complete using (month, whole_area, year)
)
select
    month, ref_area, chosen.year, chosen.population_source,
    sum(population) as population, sum(urban_population) as urban_population, sum(rural_population) as rural_population,
    sum(age_60_plus) as age_60_plus, sum(age_70_plus) as age_70_plus, sum(age_80_plus) as age_80_plus,
    case when chosen.year < month_year then 'E' end as status,
    '人口口径:' || chosen.population_source || '人口(' || chosen.year || '年)' as note
from chosen
join known using (whole_area, year, population_source)
join area_of using (township_code)
join area using (ref_area)
where rank = 1 and whole_area = if(level = 'township', area.county_code, ref_area)
group by month, ref_area, chosen.year, chosen.population_source, month_year
