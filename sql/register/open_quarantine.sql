-- One row per quarantined row, column and rule of a month; of files that are in force for some township, unless everything.
with in_force as (
    select intake_no, unnest(string_split(township_codes, ',')) as township_code, dataset, month
    from raw.file
    where verdict in ('accept', 'accept_partial', 'supersede')
      and month = $month
),

latest as (
    select dataset, month, township_code, max(intake_no) as intake_no
    from in_force
    group by dataset, month, township_code
)

select
    file.intake_no,
    file.name,
    broken.dataset,
    broken.month,
    broken.township_code,
    broken.sheet,
    broken.row_no,
    broken.column_name,
    broken.rule_id,
    broken.masked_value,
    broken.sentence,
    file.received_at
from raw.quarantine as broken
inner join raw.file as file on file.intake_no = broken.intake_no
where broken.month = $month
  and (
      $everything
      or exists (
          select 1
          from latest
          where latest.intake_no = broken.intake_no
            and (broken.township_code is null or broken.township_code = latest.township_code or latest.township_code = $county)
      )
  )
order by file.intake_no, broken.sheet, broken.row_no, broken.column_name, broken.rule_id
