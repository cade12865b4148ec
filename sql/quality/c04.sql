-- One row per de facto unattended child: the circumstance of both parents is given.
select roll.month, roll.township_code, 'child_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    case
        when covered.absent_columns not like '%circumstance%'
            then coalesce(roll.father_circumstance, '未知') = '未知' or coalesce(roll.mother_circumstance, '未知') = '未知'
    end as broken
from register.child_roll as roll
inner join covered
    on covered.dataset = 'child_roll' and roll.month = covered.month and roll.township_code = covered.township_code
where roll.active and roll.child_class = '事实无人抚养儿童' and roll.month in (select month from work.month)
