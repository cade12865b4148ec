-- One row per child and month: orphans in and out of institutions, and children de facto unattended.
insert into register.child_roll by name
select month, township_code, township_code || '200' as region_code, 'c-' || person_key as person_key,
    case when p % 3 = 2 then '事实无人抚养儿童' else '孤儿' end as child_class,
    case when p % 3 = 0 then '集中养育' else '社会散居' end as care_form,
    '死亡' as father_circumstance, '失联' as mother_circumstance,
    case when p % 3 = 0 then 1900 else 1480 end as monthly_amount, 'ac-' || person_key as account_key,
    '2021-06' as start_month, '在保' as status, true as in_school, 'M' as sex, 5 + p % 12 as age, true as active,
    13 as intake_no, '' as sheet, place_no * 1000000 + p as row_no
from example_person
where p < 6
