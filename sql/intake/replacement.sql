-- One row per township for which a file would replace another: persons (else entries) before, that come, go and change;
-- villages and schemes in the rows of the file and in those it would replace.
with replaced as (
    select unnest($townships) as township, unnest($numbers) as former
),

marked as (
    select
        replaced.township,
        unit_of_row as unit,
        content_of_row as content,
        village_of_row as village,
        scheme_of_row as scheme,
        -1 as side
    from raw.dataset as rows
    inner join replaced on rows.intake_no = replaced.former and in_township
    union all
    select
        replaced.township,
        unit_of_row as unit,
        content_of_row as content,
        village_of_row as village,
        scheme_of_row as scheme,
        1 as side
    from incoming as rows
    inner join replaced on in_township
),

net as (
    select distinct township, unit
    from (select township, unit, content from marked group by all having sum(side) <> 0)
),

units as (
    select township, unit, bool_or(side < 0) as was, bool_or(side > 0) as comes
    from marked
    group by township, unit
),

counted as (
    select
        units.township,
        count(*) filter (where was) as was,
        count(*) filter (where comes and not was) as came,
        count(*) filter (where was and not comes) as gone,
        count(*) filter (where was and comes and net.unit is not null) as changed
    from units
    left join net using (township, unit)
    group by units.township
),

listed as (
    select
        township,
        count(distinct village) filter (where side > 0) as villages,
        count(distinct village) filter (where side < 0) as villages_was,
        count(distinct scheme) filter (where side > 0) as schemes,
        count(distinct scheme) filter (where side < 0) as schemes_was
    from marked
    group by township
)

select
    counted.was,
    counted.came,
    counted.gone,
    counted.changed,
    listed.villages,
    listed.villages_was,
    listed.schemes,
    listed.schemes_was
from counted
inner join listed using (township)
