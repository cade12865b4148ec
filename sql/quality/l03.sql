-- One row per person of a rigid-expenditure household: the share of rigid spending is reached, the income below the limit.
select now.month, now.township_code, 'lowinc_register' as dataset, now.person_key, now.intake_no, now.sheet, now.row_no,
    now.rigid_spend_share < $share
    or (disposable.value is not null and now.income_per_head_year >= disposable.value) as broken
from low_income_now as now
left join in_force_standard as disposable
    on now.month = disposable.month and disposable.param_code = 'disposable_income_last_year'
    and left(now.township_code, 6) = disposable.county_code
where now.lowinc_class = '刚性支出困难'
