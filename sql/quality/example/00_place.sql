-- One row per township, numbered; one row per person number. The example county is fictitious through and through.
create or replace temp table example_place as
select township_code, row_number() over (order by township_code) as place_no
from (select distinct township_code from place where area = 'township');

create or replace temp table example_person as
select place.township_code, place.place_no, series.number as p,
    place.township_code || '-' || series.number as person_key,
    18 + (series.number * 7) % 62 as age,
    months.month, months.month_start, months.month_end
from example_place as place
cross join work.month as months
cross join (select unnest(range(cast($persons as bigint))) as number) as series
