-- One row per dibao exit: it says why.
select roll.month, roll.township_code, 'dibao_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    case when covered.absent_columns not like '%stop_reason%' then roll.stop_reason is null end as broken
from register.dibao_roll as roll
inner join covered
    on covered.dataset = 'dibao_roll' and roll.month = covered.month and roll.township_code = covered.township_code
where not roll.active and roll.month in (select month from work.month)
