-- One row per dataset, optional column, month and area in which a file in force lacks the column.
with needed as (
    select distinct needs_dataset as dataset, needs_column as column_name from cell where needs_dataset is not null
)
select distinct needed.dataset, column_name, coverage.month, ref_area
from needed
join register.coverage as coverage using (dataset)
join work.month using (month)
join area_of using (township_code)
where list_contains(string_split(replace(coverage.absent_columns, ' ', ''), ','), column_name)
