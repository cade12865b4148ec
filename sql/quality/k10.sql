-- One row per file that named a month, and county it speaks for (each, where nothing tells): its rows, title and folder agree on it.
select file.month, place.township_code, 'file' as dataset, null as person_key, file.intake_no, null as sheet, null as row_no,
    coalesce(file.reasons, '') like '%period_mismatch%' or coalesce(file.reasons, '') like '%period_mixed%' as broken
from raw.file as file
inner join place
    on place.area = 'county' and file.month = place.month
    and (file.township_codes is null or contains(',' || file.township_codes, ',' || place.township_code))
where file.dataset is not null and file.month in (select month from work.month)
