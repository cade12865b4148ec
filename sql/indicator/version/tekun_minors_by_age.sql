-- One row per minor of 16 or 17 on the tekun roll who is below the age that a definition sets (tekun_minor_age).
select 'tekun_minor_16_17' as indicator_id, roll.month, township_code, person_key as case_key, sex
from register.tekun_roll as roll
join work.month using (month)
join parameter as age_limit
    on age_limit.month = roll.month and age_limit.county_code = left(township_code, 6) and lag_months = 0 and param_code = 'tekun_minor_age'
where active and age in (16, 17) and age < value
