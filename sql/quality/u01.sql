-- One row per month, county and item: cremations are not more than deaths on its lists, eco-burials not more than burials.
with item as (
    select month, left(township_code, 6) as county_code, item_code,
        sum(month_value) filter (where month_value_mark = 'number') as amount
    from register.comprehensive_return
    where item_code in ('cremations_v', 'eco_burial_rate_n', 'eco_burial_rate_d') and month in (select month from work.month)
    group by month, left(township_code, 6), item_code
),

deaths as (
    select known.month, sender.township_code as county_code, count(distinct known.person_key) as persons
    from known_death as known
    inner join register.death_list as listed on known.person_key = listed.person_key and known.month >= listed.month
    inner join register.coverage as sender
        on sender.dataset = 'death_list' and listed.month = sender.month and listed.intake_no = sender.intake_no
    where known.died_on >= known.month_start
    group by known.month, sender.township_code
)

select item.month, item.county_code as township_code, 'comprehensive_return' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    item.amount > deaths.persons as broken
from item
inner join deaths on item.month = deaths.month and item.county_code = deaths.county_code
where item.item_code = 'cremations_v'
union all
select eco.month, eco.county_code, 'comprehensive_return', null, null, null, null, eco.amount > burials.amount
from item as eco
inner join item as burials
    on eco.month = burials.month and eco.county_code = burials.county_code and burials.item_code = 'eco_burial_rate_d'
where eco.item_code = 'eco_burial_rate_n'
