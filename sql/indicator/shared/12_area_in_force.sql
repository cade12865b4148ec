-- One row per month read and area there is at its end (_G18): a township only while its dated rows, where it has any, say so;
-- one of which only villages are told (named by its code) while one of these is there. Who sent rows for a month before its first day was there.
with reading as (
    select distinct source_month as month, last_day(cast(source_month || '-01' as date)) as month_end from window_month
),
dated as (
    select
        left(region_code, 9) as ref_area, valid_from, valid_to,
        row_number() over (
            partition by if(region_level = '乡镇', left(region_code, 9), region_code), valid_from
            order by month desc, intake_no desc, row_no desc
        ) as rank
    from register.region
    where region_level = '乡镇' or left(region_code, 9) in (select ref_area from area where name = ref_area)
),
in_force as (
    select distinct reading.month, ref_area
    from reading
    join dated on rank = 1 and valid_from <= month_end and (valid_to is null or valid_to > month_end)
    union
    select reading.month, ref_area
    from reading
    join register.coverage as held on held.month = reading.month and rows_accepted > 0
    join dated on ref_area = township_code
    group by reading.month, ref_area, month_end
    having min(valid_from) > month_end
)
select reading.month, area.*
from reading
cross join area
left join in_force on in_force.month = reading.month and in_force.ref_area = area.ref_area
where area.level <> 'township' or in_force.ref_area is not null or area.ref_area not in (select ref_area from dated)
