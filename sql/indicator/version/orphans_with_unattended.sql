-- One row per child on the roll, unattended children among the orphans, as was counted before 2020.
select
    'orphan_total' as indicator_id, month, township_code, person_key as case_key, sex,
    case care_form when '集中养育' then 'CARE_INST' when '社会散居' then 'CARE_SOCIAL' else 'CARE_U' end as category
from register.child_roll
join work.month using (month)
where active
