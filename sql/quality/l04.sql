-- One row per person of the low-income register: no class of higher priority holds at the same time.
with higher as (
    select month, person_key from active_person where dataset = 'tekun_roll'
    union
    select month, person_key
    from register.dibao_roll
    where active and not coalesce(single_person_case, false) and month in (select month from work.month)
),

several as (
    select month, person_key
    from low_income_now
    where lowinc_class <> '防返贫监测'
    group by month, person_key
    having count(distinct lowinc_class) > 1
)

select now.month, now.township_code, 'lowinc_register' as dataset, now.person_key, now.intake_no, now.sheet, now.row_no,
    exists (select 1 from higher where higher.month = now.month and higher.person_key = now.person_key)
    or exists (select 1 from several where several.month = now.month and several.person_key = now.person_key) as broken
from low_income_now as now
where now.lowinc_class <> '防返贫监测'
