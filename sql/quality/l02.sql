-- One row per edge person of the month: not on the dibao roll, except as a single-person case.
select edge.month, edge.township_code, 'lowinc_register' as dataset, edge.person_key, edge.intake_no, edge.sheet, edge.row_no,
    exists (
        select 1
        from register.dibao_roll as roll
        where roll.active and roll.month = edge.month and roll.person_key = edge.person_key
            and not coalesce(roll.single_person_case, false)
    ) as broken
from low_income_now as edge
where edge.lowinc_class = '低保边缘'
