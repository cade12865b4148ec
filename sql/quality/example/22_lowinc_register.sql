-- One row per person and month: edge households and households with rigid expenditure.
insert into register.lowinc_register by name
select month, township_code, township_code || '200' as region_code, 'l-' || person_key as person_key,
    'hl-' || township_code || '-' || p // 2 as household_key,
    case when p % 2 = 0 then '低保边缘' else '刚性支出困难' end as lowinc_class,
    7200 as income_per_head_year, 60 as rigid_spend_share, date '2023-06-01' as entered_on, 'F' as sex, 40 as age,
    12 as intake_no, '' as sheet, place_no * 1000000 + p as row_no
from example_person
where p < 6 + $persons // 10
