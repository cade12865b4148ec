-- One row per month, person and township: 100 or older, draws the old-age allowance, not seen alive inside the month.
-- A file without the column is not evaluated.
select elder.month, elder.person_key, elder.township_code, string_agg(elder.place, ';' order by elder.place) as evidence
from active_elder as elder
join work.month on work.month.month = elder.month
where elder.subsidy_kind = '高龄补贴'
    and elder.age >= 100
    and (
        elder.alive_checked_on is null
        or elder.alive_checked_on < work.month.month_start
        or elder.alive_checked_on > work.month.month_end
    )
    and not exists (
        select 1 from register.coverage as file
        where file.dataset = 'elder_roll'
            and file.month = elder.month
            and file.township_code = elder.township_code
            and ',' || replace(file.absent_columns, ' ', '') || ',' like '%,alive_checked_on,%'
    )
group by elder.month, elder.person_key, elder.township_code
