-- One row per child that counts in an indicator of the month.
-- A class of children is a category of child_coverage under its name: a county that has another one adds it there.
with active as (
    select
        roll.*,
        class.code as class,
        case care_form when '集中养育' then 'CARE_INST' when '社会散居' then 'CARE_SOCIAL' else 'CARE_U' end as form
    from register.child_roll as roll
    join work.month using (month)
    left join category_name as class on class.indicator_id = 'child_coverage' and class.name = child_class
    where active
),
turned_adult as (
    select reading.month, roll.township_code, roll.person_key, roll.adult_settlement
    from register.child_roll as roll
    join window_month as reading on reading.reading = 'year_to_date' and reading.source_month = roll.month
    where child_class = '孤儿' and age = 18
)
select 'orphan_total' as indicator_id, month, township_code, person_key as case_key, sex, form as category
from active
where class = 'ORPHAN'
union all by name
select if(form = 'CARE_INST', 'orphan_institution', 'orphan_social') as indicator_id, month, township_code, person_key as case_key
from active
where class = 'ORPHAN' and form <> 'CARE_U'
union all by name
select 'fact_orphan_total' as indicator_id, month, township_code, person_key as case_key, sex
from active
where class = 'FACT'
union all by name
select 'child_coverage' as indicator_id, 'denominator' as part, month, township_code, person_key as case_key, class as category
from active
union all by name
select 'child_coverage' as indicator_id, 'numerator' as part, month, township_code, person_key as case_key, class as category
from active
where monthly_amount > 0
union all by name
select 'orphan_adult_settled' as indicator_id, 'denominator' as part, month, township_code, person_key as case_key
from turned_adult
union all by name
select 'orphan_adult_settled' as indicator_id, 'numerator' as part, month, township_code, person_key as case_key
from turned_adult
where adult_settlement in ('就业', '升学', '公租房', '其他')
