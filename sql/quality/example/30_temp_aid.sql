-- One row per grant and month: two a township, the first urgent and small.
insert into register.temp_aid by name
select month, township_code, township_code || '200' as region_code, 'g-' || person_key || month as person_key,
    'grant-' || person_key || month as grant_key, 'hg-' || person_key || month as household_key,
    cast(month_start as date) + 1 as applied_on, cast(month_start as date) + 6 as granted_on, '急难型' as aid_kind,
    '火灾' as cause, 1 as person_times, 500 as amount, false as case_by_case, true as local_hukou, p = 0 as small_urgent,
    'F' as sex, 30 as age, 18 as intake_no, '' as sheet, place_no * 1000000 + p as row_no
from example_person
where p < 2
