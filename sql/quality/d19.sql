-- One row per township: new and exited persons as published equal the recount that leaves stop-and-rebuild out.
with person as (
    select roll.programme, roll.month, roll.person_key,
        bool_or(is_active) as is_active, bool_or(was_active) as was_active, bool_or(is_stopped) as is_stopped
    from person_flow as roll
    where roll.programme = 'dibao_roll'
    group by roll.programme, roll.month, roll.person_key
),

entered as (
    select flow.month, flow.township_code, count(distinct flow.person_key) as persons
    from person_flow as flow
    inner join person on flow.month = person.month and flow.person_key = person.person_key
    where flow.programme = 'dibao_roll' and flow.is_new and not person.is_stopped and not person.was_active
    group by flow.month, flow.township_code
)

select shown.month, shown.ref_area as township_code, 'observation' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    shown.obs_value <> coalesce(entered.persons, 0) as broken
from indicator.observation as shown
left join entered on shown.month = entered.month and shown.ref_area = entered.township_code
where shown.indicator_id = 'dibao_new' and length(shown.ref_area) = 9 and shown.residence = '_T' and shown.category = '_T'
    and shown.obs_status <> 'M' and shown.month in (select month from work.month)
