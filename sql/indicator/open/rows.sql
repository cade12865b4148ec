-- One row per open unit of a dataset, month and way to read it; `register.dataset`, `open.dataset` and `row_unit` stand for its own.
-- Open is a quarantined row of a file in force, and a facility or site that was there within a year and has no row: its own readable
-- values count first, then those of the unit's last accepted row. A facility whose row was accepted is open no more.
with asked as (
    select distinct
        source_month as month, last_day(cast(source_month || '-01' as date)) as month_end,
        strftime(cast(source_month || '-01' as date) - interval 12 month, '%Y-%m') as earliest
    from window_month
),
quarantined as (
    select
        told.* replace (open_row.township_code as township_code), row_unit as unit,
        concat_ws('/', told.intake_no, told.sheet, told.row_no) as reading
    from open.dataset as told
    join open_row
        on open_row.dataset = $dataset and open_row.intake_no = told.intake_no
        and open_row.sheet is not distinct from told.sheet and open_row.row_no = told.row_no
    where told.month in (select month from asked) and open_row.township_code is not null
),
accepted as (
    select *, row_unit as unit
    from register.dataset
    where $stays or row_unit in (select unit from quarantined)
),
last_told as (
    select asked.month as asked_month, accepted.*
    from asked
    join accepted on accepted.month < asked.month and accepted.month >= earliest
    where accepted.unit is not null
    qualify row_number() over (
        partition by asked.month, accepted.unit order by accepted.month desc, intake_no desc, row_no desc
    ) = 1
),
gone as (
    select last_told.* exclude (asked_month, month), asked_month as month, unit as reading
    from last_told
    where $stays
        and (asked_month, unit) not in (select (month, unit) from accepted where unit is not null)
        and (asked_month, unit) not in (select (month, unit) from quarantined where unit is not null)
        and (asked_month, township_code) in (
            select (month, township_code) from register.coverage where dataset = $dataset
        )
),
told as (
    select *, 0 as priority
    from quarantined
    where not ($stays and (month, unit) in (select (month, unit) from accepted where unit is not null))
    union all by name
    select last_told.* exclude (asked_month, month), asked_month as month, reading, 1 as priority
    from last_told
    join quarantined on quarantined.month = asked_month and quarantined.unit = last_told.unit
    union all by name
    select *, 0 as priority from gone
),
read_together as (
    select
        month, reading, if($stays, coalesce(any_value(unit), reading), reading) as open_unit,
        any_value(columns(* exclude (month, reading, unit, priority)) order by priority)
    from told
    where reading in (select reading from quarantined union all select reading from gone)
    group by month, reading
)
select *
from read_together
