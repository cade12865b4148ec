-- One row per programme, month, township and person on the roll this month or the month before: how the person came, stayed or went.
-- Who has no id number has another key every month (ARCHITECTURE.md, Canonical values): such a person cannot be followed and is marked so.
with rolls as (
    select 'dibao_roll' as programme, month, township_code, person_key, status, stop_reason, active, flags, intake_no, sheet, row_no
    from register.dibao_roll
    union all
    select 'tekun_roll', month, township_code, person_key, status, stop_reason, active, flags, intake_no, sheet, row_no
    from register.tekun_roll
    union all
    select 'pwd_roll', month, township_code, person_key, status, stop_reason, active, flags, intake_no, sheet, row_no
    from register.pwd_roll
    union all
    select 'child_roll', month, township_code, person_key, status, null, active, flags, intake_no, sheet, row_no
    from register.child_roll
    union all
    select 'elder_roll', month, township_code, person_key, status, null, active, flags, intake_no, sheet, row_no
    from register.elder_roll
),

shown as (
    select months.month, rolls.programme, rolls.township_code, rolls.person_key,
        rolls.month = months.month as is_now, rolls.active, rolls.status, rolls.stop_reason,
        ',' || coalesce(rolls.flags, '') || ',' like '%,id_missing,%' as numberless, rolls.intake_no, rolls.sheet, rolls.row_no
    from rolls
    inner join work.month as months on rolls.month in (months.month, months.previous_month)
),

person as (
    select programme, month, township_code, person_key,
        bool_or(active and not is_now) as was_active,
        bool_or(active and is_now) as is_active,
        bool_or(is_now and active and status = '新增') as is_new,
        bool_or(is_now and active and status = '恢复') as is_restored,
        bool_or(is_now and not active) as is_stopped,
        max(case when is_now and not active then stop_reason end) as stop_reason,
        bool_or(numberless) as numberless,
        max(intake_no) as intake_no,
        arg_max(sheet, intake_no) as sheet,
        arg_max(row_no, intake_no) as row_no
    from shown
    group by programme, month, township_code, person_key
),

elsewhere as (
    select programme, month, person_key,
        count(*) filter (where was_active) as townships_before,
        count(*) filter (where is_active) as townships_now
    from person
    group by programme, month, person_key
)

select person.*, before.dataset is not null as has_opening,
    case
        when before.dataset is null then null
        when was_active and is_active then 'stayed'
        when is_active and townships_before > 0 then 'moved_in'
        when is_active and is_new then 'new'
        when is_active and is_restored then 'restored'
        when is_active then 'unexplained_in'
        when was_active and townships_now > 0 then 'moved_out'
        when was_active and is_stopped then 'exit'
        when was_active then 'unexplained_out'
    end as flow
from person
inner join elsewhere
    on person.programme = elsewhere.programme and person.month = elsewhere.month and person.person_key = elsewhere.person_key
inner join work.month as months on person.month = months.month
inner join covered as now
    on person.programme = now.dataset and person.month = now.month and person.township_code = now.township_code
left join covered as before
    on person.programme = before.dataset and months.previous_month = before.month
    and person.township_code = before.township_code
