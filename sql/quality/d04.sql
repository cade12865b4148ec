-- One row per person on the dibao roll this month or the month before: the roll says how the person came or went.
-- Who has no number cannot be followed from month to month.
select month, township_code, 'dibao_roll' as dataset, person_key, intake_no, sheet, row_no,
    case when not numberless then flow in ('unexplained_in', 'unexplained_out') end as broken
from person_flow
where programme = 'dibao_roll' and (was_active or is_active)
