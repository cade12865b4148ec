-- One row per month and item: cremations are not more than deaths, eco-burials not more than burials.
with item as (
    select month, item_code, sum(month_value) filter (where month_value_mark = 'number') as amount
    from register.comprehensive_return
    where item_code in ('cremations_v', 'eco_burial_rate_n', 'eco_burial_rate_d') and month in (select month from work.month)
    group by month, item_code
),

deaths as (
    select month, count(distinct person_key) as persons
    from known_death
    where died_on >= month_start
    group by month
)

select item.month, null as township_code, 'comprehensive_return' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    item.amount > deaths.persons as broken
from item
inner join deaths on item.month = deaths.month
where item.item_code = 'cremations_v'
union all
select eco.month, null, 'comprehensive_return', null, null, null, null, eco.amount > burials.amount
from item as eco
inner join item as burials on eco.month = burials.month and burials.item_code = 'eco_burial_rate_d'
where eco.item_code = 'eco_burial_rate_n'
