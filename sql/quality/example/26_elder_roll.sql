-- One row per elder, kind and month: the old-age allowance by band, and the service subsidy of elders on tekun.
insert into register.elder_roll by name
select month, township_code, township_code || '200' as region_code, 'e-' || person_key as person_key,
    '高龄补贴' as subsidy_kind, cast(null as varchar) as ability_grade,
    case when p = 0 then 180 when 70 + p % 30 < 80 then 110 when 70 + p % 30 < 90 then 120 else 140 end as monthly_amount,
    'ae-' || person_key as account_key, '2021-06' as start_month, '在保' as status,
    case when p = 0 then cast(month_start as date) + 5 end as alive_checked_on,
    'F' as sex, case when p = 0 then 101 else 70 + p % 30 end as age, true as active,
    16 as intake_no, '' as sheet, place_no * 1000000 + p as row_no
from example_person
where p < 10 + $persons // 5
union all
select month, township_code, township_code || '200', 't-' || person_key, '养老服务补贴', '轻度失能', 160,
    'at-' || person_key, '2021-06', '在保', null, 'M', 60 + p % 30, true, 16, '', place_no * 1000000 + 500000 + p
from example_person
where p < 4
