-- One row per month for the county: deaths of the month, those on a roll, and how soon deaths were shared.
with county as (select ref_area from area where level = 'county'),
version as (
    select
        work.month.month, work.month.month_start, work.month.month_end, work.month.previous_month, death.person_key, died_on,
        row_number() over (
            partition by work.month.month, death.person_key order by death.month desc, intake_no desc, row_no desc
        ) as rank
    from register.death_list as death
    join work.month on death.month <= work.month.month
),
died as (
    select * from version where rank = 1 and died_on between month_start and month_end
),
on_aid as (
    select month, person_key from register.dibao_roll where active
    union
    select month, person_key from register.tekun_roll where active
)
select 'cremation_rate' as indicator_id, work.month.month, ref_area, count(died.person_key) as denominator
from work.month
cross join county
left join died on died.month = work.month.month
group by work.month.month, ref_area
union all by name
select 'funeral_aid_coverage' as indicator_id, work.month.month, ref_area, count(died.person_key) as denominator
from work.month
cross join county
left join died
    on died.month = work.month.month
    and exists (
        select 1 from on_aid
        where on_aid.person_key = died.person_key and on_aid.month in (died.month, died.previous_month)
    )
group by work.month.month, ref_area
union all by name
select
    'death_sync_rate' as indicator_id, month, ref_area,
    count(distinct person_key) filter (where shared_on - died_on <= 30) as numerator,
    count(distinct person_key) as denominator
from register.death_list
join work.month using (month)
cross join county
group by month, ref_area
