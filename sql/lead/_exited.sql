-- One row per month and stop row of dibao or tekun in the 24 months up to it, neither dead nor moved away (LB04).
select work.month.month, roll.person_key, roll.township_code, roll.month as exit_month,
    roll.dataset, roll.intake_no, roll.sheet, roll.row_no
from work.month
join (
    select month, person_key, township_code, status, stop_reason, 'dibao_roll' as dataset, intake_no, sheet, row_no
    from register.dibao_roll
    union all
    select month, person_key, township_code, status, stop_reason, 'tekun_roll', intake_no, sheet, row_no
    from register.tekun_roll
) as roll
    on roll.month <= work.month.month
    and roll.month > strftime(work.month.month_start - to_months(24), '%Y-%m')
where roll.status = '停保' and coalesce(roll.stop_reason, '') not in ('死亡', '迁出')
