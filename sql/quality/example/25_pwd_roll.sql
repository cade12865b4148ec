-- One row per card holder and month: living subsidy for all, care subsidy for levels 1 and 2.
insert into register.pwd_roll by name
select month, township_code, township_code || '200' as region_code, person_key, 'card-' || person_key as card_key,
    '肢体' as disability_type, cast(1 + (p // 10) % 4 as varchar) as disability_level,
    case when (p // 10) % 4 < 2 then 100 else 50 end as living_amount,
    case when (p // 10) % 4 < 2 then 100 end as care_amount, 'a-' || person_key as account_key, '2021-06' as start_month,
    '在保' as status, '4' || cast(1 + (p // 10) % 4 as varchar) as card_suffix, 'M' as sex, age, true as active,
    15 as intake_no, '' as sheet, place_no * 1000000 + p as row_no
from example_person
where p % 10 = 0
