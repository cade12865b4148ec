-- One row per active old-age allowance at a hundred and over: the person was seen in the month (CB08).
select roll.month, roll.township_code, 'elder_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    case
        when covered.absent_columns not like '%alive_checked_on%'
            then not coalesce(roll.alive_checked_on between months.month_start and months.month_end, false)
    end as broken
from register.elder_roll as roll
inner join work.month as months on roll.month = months.month
inner join covered
    on covered.dataset = 'elder_roll' and roll.month = covered.month and roll.township_code = covered.township_code
where roll.active and roll.subsidy_kind = '高龄补贴' and roll.age >= $age
