-- One row per township: the three grades of self-care together are all tekun persons (an unknown word stands apart).
select month, township_code, 'tekun_roll' as dataset, null as person_key, null as intake_no, null as sheet, null as row_no,
    count(distinct person_key) filter (where self_care_grade = '全自理')
    + count(distinct person_key) filter (where self_care_grade = '半护理')
    + count(distinct person_key) filter (where self_care_grade = '全护理')
    + count(distinct person_key) filter (where self_care_grade = '未知') <> count(distinct person_key) as broken
from register.tekun_roll
where active and month in (select month from work.month)
group by month, township_code
