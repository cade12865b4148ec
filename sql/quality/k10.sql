-- One row per file that named a month: its rows, title and folder agree on it.
select month, null as township_code, 'file' as dataset, null as person_key, intake_no, null as sheet, null as row_no,
    coalesce(reasons, '') like '%period_mismatch%' or coalesce(reasons, '') like '%period_mixed%' as broken
from raw.file
where dataset is not null and month in (select month from work.month)
