-- One row per active row of the elder subsidy roll; `not_seen`: not seen alive inside the month (CB08; a file without the
-- column does not say).
select elder.month, elder.person_key, elder.township_code, elder.subsidy_kind,
    elder.age < 70 as below_70, elder.age >= 100 as from_100,
    file.dataset is null and (
        elder.alive_checked_on is null
        or elder.alive_checked_on < work.month.month_start
        or elder.alive_checked_on > work.month.month_end
    ) as not_seen,
    'elder_roll' as dataset, elder.intake_no, elder.sheet, elder.row_no
from register.elder_roll as elder
join work.month on work.month.month = elder.month
left join (
    select distinct dataset, month, township_code
    from register.coverage
    where dataset = 'elder_roll' and ',' || replace(absent_columns, ' ', '') || ',' like '%,alive_checked_on,%'
) as file on file.month = elder.month and file.township_code = elder.township_code
where elder.active
