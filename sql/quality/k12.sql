-- One row per content among the accepted files of a month: the same bytes are loaded once.
select month, null as township_code, 'file' as dataset, null as person_key,
    max(intake_no) as intake_no, null as sheet, null as row_no,
    count(*) > 1 as broken
from raw.file
where verdict in ('accept', 'accept_partial', 'supersede') and month in (select month from work.month)
group by month, dataset, sha256, name
