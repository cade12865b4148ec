-- One row per month, county and source of the death lists of that month: deaths told, told within 30 days, days taken, and persons
-- whom another source (files of months up to it) gives another day of death (SYS-DEATH-LIST).
with told as (
    select sender.township_code, death.*
    from register.death_list as death
    join work.month using (month)
    join register.coverage as sender
        on sender.dataset = 'death_list' and sender.month = death.month and sender.intake_no = death.intake_no
),
contradicted as (
    select distinct told.month, told.list_source, told.person_key
    from told
    join register.death_list as other on other.person_key = told.person_key
    where other.month <= told.month and other.list_source <> told.list_source and other.died_on <> told.died_on
)
select told.month, told.township_code, told.list_source,
    count(distinct told.person_key) as deaths,
    count(distinct told.person_key) filter (where told.shared_on - told.died_on <= 30) as within_30_days,
    median(told.shared_on - told.died_on) as median_days,
    count(distinct contradicted.person_key) as dates_differ
from told
left join contradicted
    on contradicted.month = told.month
    and contradicted.list_source = told.list_source
    and contradicted.person_key = told.person_key
group by told.month, told.township_code, told.list_source
