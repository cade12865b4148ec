-- One row per dataset, optional column, reading, month and area in which a file in force of a month read lacks the column.
with needed as (
    select needs_dataset as dataset, needs_column as column_name, 'month' as reading from cell where needs_dataset is not null
    union
    select dataset, column_name, reading from required_column
)
select distinct needed.dataset, column_name, reading, window_month.month, ref_area
from needed
join window_month using (reading)
join register.coverage as coverage on coverage.dataset = needed.dataset and coverage.month = window_month.source_month
join area_of using (township_code)
where list_contains(string_split(replace(coverage.absent_columns, ' ', ''), ','), column_name)
