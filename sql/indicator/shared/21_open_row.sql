-- One row per quarantined data row of the files in force; the township is that of its code, else of a one-township file.
-- `legible`: what can be read of it is kept.
with file as (
    select dataset, month, intake_no, count(distinct township_code) as townships, min(township_code) as township_code
    from register.coverage
    group by dataset, month, intake_no
),
quarantined as (
    select
        file.dataset, file.month, file.intake_no, sheet, row_no,
        case
            when max(row.township_code) in (select ref_area from area where level = 'township') then max(row.township_code)
            when any_value(file.townships) = 1 then any_value(file.township_code)
        end as township_code
    from raw.quarantine as row
    join file on file.intake_no = row.intake_no and file.dataset = row.dataset
    where row_no is not null
    group by file.dataset, file.month, file.intake_no, sheet, row_no
)
select
    quarantined.dataset, quarantined.month, quarantined.township_code, quarantined.intake_no, quarantined.sheet,
    quarantined.row_no, legible_row.row_no is not null as legible,
    coalesce(legible_row.named, false) as named
from quarantined
left join register.coverage as held using (dataset, month, township_code)
left join legible_row
    on legible_row.dataset = quarantined.dataset and legible_row.intake_no = quarantined.intake_no
    and legible_row.sheet is not distinct from quarantined.sheet and legible_row.row_no = quarantined.row_no
where held.intake_no is null or held.intake_no = quarantined.intake_no
