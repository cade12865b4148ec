-- One row per township and area: institution and home care together are all tekun persons (an unknown word stands apart).
select month, township_code, 'tekun_roll' as dataset, null as person_key, null as intake_no, null as sheet, null as row_no,
    count(distinct person_key) filter (where support_form = '集中')
    + count(distinct person_key) filter (where support_form = '分散')
    + count(distinct person_key) filter (where support_form = '未知') <> count(distinct person_key) as broken
from register.tekun_roll
where active and month in (select month from work.month)
group by month, township_code, area
