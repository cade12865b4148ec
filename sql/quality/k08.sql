-- One row per household of the dibao roll: exactly one head among its active members.
select month, township_code, 'dibao_roll' as dataset, min(person_key) as person_key,
    min(intake_no) as intake_no, min(sheet) as sheet, min(row_no) as row_no,
    case when count(relation_to_head) > 0 then count(*) filter (where relation_to_head = '户主') <> 1 end as broken
from register.dibao_roll
where active and month in (select month from work.month)
group by month, township_code, household_key
