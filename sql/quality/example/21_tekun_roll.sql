-- One row per person and month: elders, every second in the township's house.
insert into register.tekun_roll by name
select month, township_code, township_code || '200' as region_code, 't-' || person_key as person_key, '农村' as hukou,
    '农村' as area, case when p % 2 = 0 then '集中' else '分散' end as support_form,
    case p % 3 when 0 then '全自理' when 1 then '半护理' else '全护理' end as self_care_grade,
    case when p % 2 = 0 then 'house-' || township_code end as facility_code,
    1080 as basic_amount, case p % 3 when 0 then 340 when 1 then 510 else 850 end as care_amount,
    'at-' || person_key as account_key, '2021-06' as start_month, '在保' as status, false as in_school,
    cast(month_end as date) - 100 as assessed_on, 'M' as sex, 60 + p % 30 as age, true as active,
    11 as intake_no, '' as sheet, place_no * 1000000 + p as row_no
from example_person
where p < 6 + $persons // 10
