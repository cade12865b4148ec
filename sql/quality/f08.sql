-- One row per coverage rate of a township: 0 to 100, over the units of the region table in force at the month's end.
with latest as (
    select region_code, region_kind, valid_from, valid_to,
        row_number() over (partition by region_code, valid_from order by intake_no desc, row_no desc) as turn
    from register.region
    where region_level = '村社'
),

units as (
    select months.month, substr(latest.region_code, 1, 9) as township_code, count(*) as units,
        count(*) filter (where latest.region_kind = '村委会') as villages
    from latest
    inner join work.month as months
        on latest.valid_from <= months.month_end and (latest.valid_to is null or latest.valid_to > months.month_end)
    where latest.turn = 1
    group by months.month, substr(latest.region_code, 1, 9)
)

select shown.month, shown.ref_area as township_code, 'observation' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    not (
        100.0 * shown.numerator / nullif(shown.denominator, 0) between 0 and 100
        and shown.denominator = case shown.indicator_id when 'rural_service_facility_coverage' then units.villages else units.units end
    ) as broken
from indicator.observation as shown
inner join units on shown.month = units.month and shown.ref_area = units.township_code
where shown.indicator_id in ('canteen_village_coverage', 'rural_service_facility_coverage', 'child_director_coverage')
    and length(shown.ref_area) = 9 and shown.obs_status in ('A', 'P')
    and shown.residence = '_T' and shown.sex = '_T' and shown.age_group = '_T' and shown.category = '_T'
