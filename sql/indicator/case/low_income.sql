-- One row per edge person, edge household or rigid-expenditure household in force at month end.
select 'edge_persons' as indicator_id, month, township_code, person_key as case_key, sex, age_group(age) as age_group
from low_income
where lowinc_class = '低保边缘'
union all by name
select 'edge_households' as indicator_id, month, township_code, township_code || household_key as case_key, person_key
from low_income
where lowinc_class = '低保边缘'
union all by name
select 'rigid_households' as indicator_id, month, township_code, township_code || household_key as case_key, person_key
from low_income
where lowinc_class = '刚性支出困难'
