-- One row per person, month and benefit tied to a standard: what is drawn, by standard and band, the income it rests on, and the household.
select month, person_key, township_code,
    case scheme when '城市低保' then 'dibao_std_urban' when '农村低保' then 'dibao_std_rural' end as param_code,
    cast(null as varchar) as band,
    monthly_amount as amount, coalesce(top_up_amount, 0) as top_up, income_per_head_year / 12 as income,
    household_key as household
from register.dibao_roll
where active and monthly_amount > 0
union all
select month, person_key, township_code, 'tekun_basic_std', null, basic_amount, 0, null, null
from register.tekun_roll
where active and basic_amount > 0
union all
select month, person_key, township_code, 'pwd_living_std',
    case when disability_level in ('1', '2') then '1-2级' when disability_level in ('3', '4') then '3-4级' end,
    living_amount, 0, null, null
from register.pwd_roll
where active and living_amount > 0
union all
select month, person_key, township_code, 'pwd_care_std',
    case when disability_level in ('1', '2') then '1-2级' when disability_level in ('3', '4') then '3-4级' end,
    care_amount, 0, null, null
from register.pwd_roll
where active and care_amount > 0
union all
select month, person_key, township_code, 'orphan_std', care_form, monthly_amount, 0, null, null
from register.child_roll
where active and child_class = '孤儿' and monthly_amount > 0
union all
select month, person_key, township_code, 'fact_orphan_std', null, monthly_amount, 0, null, null
from register.child_roll
where active and child_class = '事实无人抚养儿童' and monthly_amount > 0
