-- One row per dataset, month and township that an accepted file covers: the file in force is the one with the highest number.
with accepted as (
    select
        file.intake_no,
        file.dataset,
        file.month,
        unnest(string_split(file.township_codes, ',')) as township_code,
        file.received_at,
        file.absent_columns
    from raw.file as file
    where file.verdict in ('accept', 'accept_partial', 'supersede')
      and file.dataset is not null
      and file.month in (select month from work.month)
      and ($known_on is null or file.received_at < $known_on)
),

in_force as (
    select
        dataset,
        month,
        township_code,
        max(intake_no) as intake_no,
        min(received_at) as first_received_at
    from accepted
    group by dataset, month, township_code
)

select
    in_force.dataset,
    in_force.month,
    in_force.township_code,
    in_force.intake_no,
    in_force.first_received_at,
    accepted.absent_columns,
    cast(null as bigint) as rows_accepted,
    cast(null as bigint) as rows_quarantined
from in_force
inner join accepted
    on accepted.intake_no = in_force.intake_no
   and accepted.township_code = in_force.township_code
