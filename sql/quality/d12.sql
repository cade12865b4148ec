-- One row per active dibao row: the person is not on the tekun roll in the same month (CF01).
select roll.month, roll.township_code, roll.dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    roll.person_key in (
        select tekun.person_key from active_person as tekun where tekun.dataset = 'tekun_roll' and tekun.month = roll.month
    ) as broken
from active_person as roll
where roll.dataset = 'dibao_roll'
