-- One row per file in force, and county it speaks for, that carries control lines (小计, 合计): its rows and its money are what the lines say.
select file.month, place.township_code, 'file' as dataset, null as person_key, file.intake_no, null as sheet, null as row_no,
    case
        when ',' || file.flags || ',' like '%,control_total_differs,%' then true
        when ',' || file.flags || ',' like '%,control_total,%' then false
    end as broken
from raw.file as file
inner join place
    on place.area = 'county' and file.month = place.month
    and (file.township_codes is null or contains(',' || file.township_codes, ',' || place.township_code))
where file.intake_no in (select coverage.intake_no from register.coverage as coverage)
    and file.month in (select month from work.month)
