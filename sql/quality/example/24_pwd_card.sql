-- One row per card and month: every tenth person on dibao.
insert into register.pwd_card by name
select month, township_code, township_code || '200' as region_code, person_key, 'card-' || person_key as card_key,
    '肢体' as disability_type, cast(1 + (p // 10) % 4 as varchar) as disability_level, (p // 10) % 4 < 2 as long_care_need,
    cast(month_end as date) + 400 as valid_until, false as injury_nursing_fee,
    '4' || cast(1 + (p // 10) % 4 as varchar) as card_suffix, 'M' as sex, age, 14 as intake_no, '' as sheet, place_no * 1000000 + p as row_no
from example_person
where p % 10 = 0
