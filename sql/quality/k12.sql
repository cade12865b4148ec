-- One row per content among the accepted files of a month and county: the same bytes are loaded once.
select file.month, place.township_code, 'file' as dataset, null as person_key,
    max(file.intake_no) as intake_no, null as sheet, null as row_no,
    count(*) > 1 as broken
from raw.file as file
inner join place
    on place.area = 'county' and file.month = place.month
    and (file.township_codes is null or contains(',' || file.township_codes, ',' || place.township_code))
where file.verdict in ('accept', 'accept_partial', 'supersede') and file.month in (select month from work.month)
group by file.month, place.township_code, file.dataset, file.sha256, file.name
