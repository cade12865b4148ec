-- One row per month and person who came in, changed class or left since the latest earlier month of the register.
-- Someone is said to have left only where the lists that held the person have come for the township.
with step as (
    select work.month.month, max(earlier.month) as before
    from work.month
    join (select distinct month from lead.lowinc_person) as earlier on earlier.month < work.month.month
    group by work.month.month
),
pair as (
    select coalesce(now.month, old.month) as month, coalesce(now.person_key, old.person_key) as person_key,
        coalesce(now.township_code, old.township_code) as township_code,
        old.class as previous_class, now.class
    from (
        select step.month, earlier.person_key, earlier.township_code, earlier.class
        from step
        join lead.lowinc_person as earlier on earlier.month = step.before
    ) as old
    full join (
        select month, person_key, township_code, class
        from lead.lowinc_person
        where month in (select month from step)
    ) as now on now.month = old.month and now.person_key = old.person_key
    where now.class is distinct from old.class
),
source (class, dataset) as (
    values ('tekun', 'tekun_roll'), ('dibao', 'dibao_roll'), ('edge', 'lowinc_register'), ('rigid', 'lowinc_register'),
        ('monitored', 'monitored_household'), ('refused', 'application'), ('exited', 'dibao_roll')
),
stopped as (
    select month, person_key, max(stop_reason) as stop_reason
    from (
        select month, person_key, status, stop_reason from register.dibao_roll
        union all
        select month, person_key, status, stop_reason from register.tekun_roll
    ) as roll
    where status = '停保' and month in (select month from work.month)
    group by month, person_key
)
select pair.month, pair.person_key, pair.township_code,
    case when pair.previous_class is null then 'entered' when pair.class is null then 'left' else 'changed' end as movement,
    pair.previous_class, pair.class,
    case
        when pair.previous_class is null then case when known.person_key is not null then 'back' else 'new' end
        when pair.class is not null then null
        when dead.person_key is not null then 'died'
        when stopped.stop_reason is not null then stopped.stop_reason
        when gone.person_key is not null then 'left_register'
        when pair.previous_class in ('refused', 'exited') then 'window_over'
        else 'not_listed'
    end as reason
from pair
left join (
    select distinct entered.month, entered.person_key
    from pair as entered
    join lead.lowinc_person as earlier on earlier.person_key = entered.person_key and earlier.month < entered.month
    where entered.previous_class is null
) as known on known.month = pair.month and known.person_key = pair.person_key
left join source on source.class = pair.previous_class
left join dead on dead.month = pair.month and dead.person_key = pair.person_key
left join stopped on stopped.month = pair.month and stopped.person_key = pair.person_key
left join (
    select distinct month, person_key from register.lowinc_register where left_on is not null
) as gone on gone.month = pair.month and gone.person_key = pair.person_key
where pair.class is not null or exists (
    select 1 from register.coverage as file
    where file.dataset = source.dataset and file.month = pair.month and file.township_code = pair.township_code
)
