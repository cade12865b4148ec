-- One row per person who left dibao or tekun within two years and is on no roll: the person is monitored (LB04).
with leaving as (
    select months.month, roll.person_key, roll.township_code, roll.intake_no, roll.sheet, roll.row_no, roll.dataset,
        row_number() over (partition by months.month, roll.person_key order by roll.month desc, roll.dataset) as turn
    from (
        select 'dibao_roll' as dataset, month, person_key, township_code, stop_reason, active, intake_no, sheet, row_no
        from register.dibao_roll
        union all
        select 'tekun_roll', month, person_key, township_code, stop_reason, active, intake_no, sheet, row_no
        from register.tekun_roll
    ) as roll
    inner join work.month as months
        on roll.month <= months.month
        and roll.month > strftime(months.month_start - to_months(cast($months as integer)), '%Y-%m')
    where not roll.active and coalesce(roll.stop_reason, '') not in ('死亡', '迁出')
)

select leaving.month, leaving.township_code, leaving.dataset, leaving.person_key,
    leaving.intake_no, leaving.sheet, leaving.row_no,
    not exists (select 1 from low_income_now as now where now.month = leaving.month and now.person_key = leaving.person_key)
    as broken
from leaving
where leaving.turn = 1
    and not exists (
        select 1 from active_person as roll
        where roll.month = leaving.month and roll.person_key = leaving.person_key and roll.dataset in ('dibao_roll', 'tekun_roll')
    )
    and not exists (
        select 1 from known_death as death where death.month = leaving.month and death.person_key = leaving.person_key
    )
