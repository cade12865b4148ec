-- One row per edge person of the month with an income: between the standard and its multiple when taken in.
with decision as (
    select now.*
    from low_income_now as now
    where now.lowinc_class = '低保边缘'
),

bracket as (
    select standard.county_code, months.month,
        max(case when standard.param_code = 'dibao_std_rural' then standard.value end) as lowest,
        12 * max(case when standard.param_code = 'dibao_std_urban' then standard.value end)
        * max(case when standard.param_code = 'edge_multiple' then standard.value end) as highest
    from work.month as months
    left join in_force_standard as standard on months.month = standard.month
    group by standard.county_code, months.month
),

at_entry as (
    select decision.month, decision.person_key, decision.intake_no, decision.sheet, decision.row_no,
        max(stated.value) as lowest
    from decision
    inner join register.policy_param as stated
        on stated.param_code = 'dibao_std_rural' and stated.valid_from <= decision.entered_on
        and (stated.valid_to is null or stated.valid_to > decision.entered_on)
    inner join register.coverage as sender
        on sender.dataset = 'policy_param' and stated.month = sender.month and stated.intake_no = sender.intake_no
        and left(decision.township_code, 6) = sender.township_code
    group by decision.month, decision.person_key, decision.intake_no, decision.sheet, decision.row_no
)

select decision.month, decision.township_code, 'lowinc_register' as dataset, decision.person_key,
    decision.intake_no, decision.sheet, decision.row_no,
    decision.income_per_head_year < least(bracket.lowest, coalesce(at_entry.lowest, bracket.lowest))
    or decision.income_per_head_year >= bracket.highest as broken
from decision
left join bracket on decision.month = bracket.month and left(decision.township_code, 6) = bracket.county_code
left join at_entry
    on decision.month = at_entry.month and decision.intake_no = at_entry.intake_no
    and decision.sheet is not distinct from at_entry.sheet and decision.row_no = at_entry.row_no
