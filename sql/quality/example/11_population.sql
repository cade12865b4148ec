-- One row per township: residents, so that a tenth of them draws dibao.
insert into register.population by name
select (select min(month) from work.month) as month, (select min(year) from work.month) as year, township_code,
    '常住' as population_source, $persons * 10 as population, $persons * 4 as urban_population, $persons * 6 as rural_population,
    $persons * 2 as age_0_17, $persons * 2 as age_60_plus, $persons as age_70_plus, 1 as age_80_plus,
    2 as intake_no, place_no as row_no
from example_place
