-- One row per application and month: the paper of each grant.
insert into register.application by name
select month, township_code, township_code || '200' as region_code, 'g-' || person_key || month as person_key,
    'paper-' || person_key || month as application_key, '临时救助' as matter, '乡镇窗口' as channel,
    cast(month_start as date) + 8 as applied_on, false as residence_permit, '同意' as decision, 'F' as sex, 30 as age,
    19 as intake_no, '' as sheet, place_no * 1000000 + p as row_no
from example_person
where p < 2
