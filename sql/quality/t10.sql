-- One row per active orphan: the child is not on the tekun roll.
select roll.month, roll.township_code, roll.dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    exists (
        select 1 from active_person as tekun
        where tekun.dataset = 'tekun_roll' and tekun.month = roll.month and tekun.person_key = roll.person_key
    ) as broken
from active_person as roll
where roll.dataset = 'child_roll' and roll.kind = '孤儿'
