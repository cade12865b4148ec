-- One row per township and scheme: households are not more than persons.
select month, township_code, 'dibao_roll' as dataset, null as person_key, null as intake_no, null as sheet, null as row_no,
    count(distinct household_key) > count(distinct person_key) as broken
from register.dibao_roll
where active and month in (select month from work.month)
group by month, township_code, scheme
