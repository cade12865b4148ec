-- One row per row of a dataset: whether the intake flagged it (the table's name is put in by the contract).
select month, township_code, 'dataset' as dataset, person_key, intake_no, sheet, row_no,
    ',' || coalesce(flags, '') || ',' like '%,' || $code || ',%' as broken
from register.dataset
where month in (select month from work.month)
