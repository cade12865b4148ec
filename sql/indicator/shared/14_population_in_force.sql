-- One row per month and area: the population of the greatest year, first complete source (_G12).
with latest as (
    select
        population.*,
        row_number() over (
            partition by year, township_code, population_source order by month desc, intake_no desc, row_no desc
        ) as rank
    from register.population
),
known as (
    select latest.* exclude (month, rank)
    from latest
    join area on area.ref_area = latest.township_code and area.level = 'township'
    where rank = 1
),
newest as (
    select work.month.month, work.month.year as month_year, max(known.year) as year
    from work.month
    join known on known.year <= work.month.year
    group by all
),
complete as (
    select there.month, known.year, population_source, any_value(preference) as preference
    from work.month
    join area_in_force as there on there.month = work.month.month and there.level = 'township'
    join known on known.township_code = there.ref_area
    join population_preference using (population_source)
    group by there.month, known.year, population_source
    having count(distinct township_code) = (
        select count(*) from area_in_force as due where due.month = there.month and due.level = 'township'
    )
),
chosen as (
    select
        month, month_year, year, population_source,
        row_number() over (partition by month order by preference) as rank
    from newest
    join complete using (month, year)
)
select
    month, ref_area, chosen.year, chosen.population_source,
    sum(population) as population, sum(urban_population) as urban_population, sum(rural_population) as rural_population,
    sum(age_60_plus) as age_60_plus, sum(age_70_plus) as age_70_plus, sum(age_80_plus) as age_80_plus,
    case when chosen.year < month_year then 'E' end as status,
    '人口口径:' || chosen.population_source || '人口(' || chosen.year || '年)' as note
from chosen
join known on known.year = chosen.year and known.population_source = chosen.population_source
join area_of on area_of.township_code = known.township_code
where rank = 1
group by month, ref_area, chosen.year, chosen.population_source, month_year
