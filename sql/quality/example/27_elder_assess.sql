-- One row per assessment and month: those behind the service subsidy.
insert into register.elder_assess by name
select month, township_code, township_code || '200' as region_code, 't-' || person_key as person_key,
    cast(month_start as date) - 30 as assessed_on, cast(month_end as date) + 300 as valid_until, '轻度失能' as ability_grade,
    '虚构评估所' as assessor, '首次' as assessment_kind, 'M' as sex, 60 + p % 30 as age,
    17 as intake_no, '' as sheet, place_no * 1000000 + p as row_no
from example_person
where p < 4
