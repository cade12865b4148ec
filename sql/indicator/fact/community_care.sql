-- One row per month and area: beds, canteens and visits of the community sites, of the month and of the year to date.
with site as (
    select community_care.*, ref_area
    from register.community_care as community_care
    join work.month using (month)
    join area_of using (township_code)
),
of_year as (
    select
        reading.month, ref_area, sum(retrofitted_households) as retrofitted, sum(family_carer_trained) as trained
    from register.community_care as community_care
    join window_month as reading on reading.reading = 'year_to_date' and reading.source_month = community_care.month
    join area_of using (township_code)
    group by reading.month, ref_area
)
select unnest(['beds_total', 'beds_per_1000_60plus']) as indicator_id, month, ref_area, sum(community_bed_count) as numerator
from site
where operating
group by month, ref_area
union all by name
select 'home_care_beds' as indicator_id, month, ref_area, sum(home_bed_count) as numerator
from site
where operating
group by month, ref_area
union all by name
select 'canteen_count' as indicator_id, month, ref_area, count(*) as numerator
from site
where operating and site_kind = '幸福食堂'
group by month, ref_area
union all by name
select 'daycare_count' as indicator_id, month, ref_area, count(*) as numerator
from site
where operating and site_kind = '日间照料中心'
group by month, ref_area
union all by name
select 'canteen_meals' as indicator_id, month, ref_area, sum(meal_person_times) as numerator
from site
where operating and site_kind = '幸福食堂'
group by month, ref_area
union all by name
select
    'special_elder_visit_rate' as indicator_id, month, ref_area,
    sum(special_elder_visited) as numerator, sum(special_elder_listed) as denominator
from site
group by month, ref_area
union all by name
select 'home_retrofit_households' as indicator_id, month, ref_area, retrofitted as numerator from of_year
union all by name
select 'family_carer_trained' as indicator_id, month, ref_area, trained as numerator from of_year
