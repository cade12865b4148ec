-- One row per township: orphans in institutions and in families together are all orphans (an unknown word stands apart).
select month, township_code, 'child_roll' as dataset, null as person_key, null as intake_no, null as sheet, null as row_no,
    count(distinct person_key) filter (where care_form = '集中养育')
    + count(distinct person_key) filter (where care_form = '社会散居')
    + count(distinct person_key) filter (where care_form = '未知') <> count(distinct person_key) as broken
from register.child_roll
where active and child_class = '孤儿' and month in (select month from work.month)
group by month, township_code
