-- One row per dataset, month and place that has rows: a file in force, received on the third of the following month.
insert into register.coverage by name
select dataset, month, township_code, intake_no,
    cast(month || '-01' as timestamp) + interval 1 month + interval 2 day as first_received_at,
    '' as absent_columns, rows as rows_accepted, 0 as rows_quarantined
from example_rows
