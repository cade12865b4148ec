-- One row per quarantined data row of the files in force; the township is that of its code, else of a one-township file, and the
-- county where rows name none. A row of unknown place may be anywhere in `county_code`, one row a county of its file.
-- `legible`: what can be read of it is kept.
with file as (
    select
        dataset, month, intake_no, left(township_code, 6) as county_code, min(township_code) as township_code,
        sum(count(distinct township_code)) over (partition by dataset, month, intake_no) as places
    from register.coverage
    group by dataset, month, intake_no, left(township_code, 6)
),
quarantined as (
    select
        file.dataset, file.month, file.intake_no, sheet, row_no, file.county_code,
        case
            when max(row.township_code) in (select ref_area from area where level = 'township') then max(row.township_code)
            when any_value(file.places) = 1 or any_value(file.township_code) = file.county_code then any_value(file.township_code)
        end as township_code
    from raw.quarantine as row
    join file on file.intake_no = row.intake_no and file.dataset = row.dataset
    where row_no is not null
    group by file.dataset, file.month, file.intake_no, sheet, row_no, file.county_code
)
select
    quarantined.dataset, quarantined.month, quarantined.county_code, quarantined.township_code, quarantined.intake_no,
    quarantined.sheet, quarantined.row_no, legible_row.row_no is not null as legible,
    coalesce(legible_row.named, false) as named
from quarantined
left join register.coverage as held using (dataset, month, township_code)
left join legible_row
    on legible_row.dataset = quarantined.dataset and legible_row.intake_no = quarantined.intake_no
    and legible_row.sheet is not distinct from quarantined.sheet and legible_row.row_no = quarantined.row_no
where (held.intake_no is null or held.intake_no = quarantined.intake_no)
    and (quarantined.township_code is null or starts_with(quarantined.township_code, quarantined.county_code))
