-- One row per township: the age bands of the old-age allowance together are all who draw it.
select month, township_code, 'elder_roll' as dataset, null as person_key, null as intake_no, null as sheet, null as row_no,
    count(distinct person_key) filter (where age >= $age) <> count(distinct person_key) as broken
from register.elder_roll
where active and subsidy_kind = '高龄补贴' and month in (select month from work.month)
    and coalesce(flags, '') not like '%id_missing%'
group by month, township_code
