-- One row per village and community of each township: two villages and one community.
insert into register.region by name
select (select min(month) from work.month) as month, township_code || unit.suffix as region_code, '虚构' || unit.suffix as region_name,
    '村社' as region_level, township_code as parent_code, unit.kind as region_kind, date '2020-01-01' as valid_from,
    3 as intake_no, place_no * 3 + unit.row_no as row_no
from example_place
cross join (values ('001', '居委会', 1), ('200', '村委会', 2), ('201', '村委会', 3)) as unit(suffix, kind, row_no)
