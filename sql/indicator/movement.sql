-- One row per area: persons of an indicator the month before and now, who is new, gone, moved in or moved out.
-- Moved = counted the month before (or now) elsewhere in the county, in this indicator or one of its siblings.
with held as (
    select distinct month, township_code, case_key, indicator_id
    from indicator_case
    where coalesce(part, 'numerator') = 'numerator' and list_contains($siblings, indicator_id)
),
in_area as (
    select distinct month, ref_area, case_key
    from held
    join area_of using (township_code)
    where indicator_id = $indicator_id
),
anywhere as (
    select
        case_key, bool_or(month = $previous) as before, bool_or(month = $month) as now
    from held
    group by case_key
),
person as (
    select
        ref_area, case_key, bool_or(month = $previous) as before, bool_or(month = $month) as now
    from in_area
    group by ref_area, case_key
)
select
    area.ref_area,
    count(*) filter (where person.before) as before,
    count(*) filter (where person.now) as now,
    count(*) filter (where person.now and not person.before and not anywhere.before) as new,
    count(*) filter (where person.before and not person.now and not anywhere.now) as gone,
    count(*) filter (where person.now and not person.before and anywhere.before) as moved_in,
    count(*) filter (where person.before and not person.now and anywhere.now) as moved_out
from area
left join person using (ref_area)
left join anywhere using (case_key)
group by area.ref_area
order by area.ref_area
