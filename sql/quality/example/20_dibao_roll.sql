-- One row per person and month: couples on half a standard, elders with their top-up.
insert into register.dibao_roll by name
select month, township_code, township_code || '200' as region_code, 'h-' || township_code || '-' || p // 2 as household_key,
    person_key, '农村' as hukou, case when (p // 2) % 2 = 0 then '农村低保' else '城市低保' end as scheme,
    2 as household_size_covered,
    case when (p // 2) % 2 = 0 then 250 else 360 end
    + case when age >= 60 then case when (p // 2) % 2 = 0 then 75 else 108 end else 0 end as monthly_amount,
    'a-' || person_key as account_key, '2021-06' as start_month, '在保' as status,
    case when p % 10 = 0 then cast(1 + (p // 10) % 4 as varchar) end as disability_level,
    case when p % 2 = 0 then '户主' else '配偶' end as relation_to_head,
    3000 as income_per_head_year, false as severe_illness,
    case when age >= 60 then case when (p // 2) % 2 = 0 then 75 else 108 end else 0 end as top_up_amount,
    false as single_person_case, cast(month_end as date) + 60 as review_due_on,
    case when p % 3 = 0 then 'F' else 'M' end as sex, age, true as active, 10 as intake_no, '' as sheet, place_no * 1000000 + p as row_no
from example_person
