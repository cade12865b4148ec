-- One row per month and area that holds whole counties: deaths on its lists, those of them on a roll, and how soon they were shared.
with listed as (
    select whole.ref_area, death.*
    from register.death_list as death
    join register.coverage as sender
        on sender.dataset = 'death_list' and sender.month = death.month and sender.intake_no = death.intake_no
    join whole on whole.county_code = sender.township_code
),
version as (
    select
        ref_area, work.month.month, work.month.month_start, work.month.month_end, work.month.previous_month, listed.person_key, died_on,
        row_number() over (
            partition by ref_area, work.month.month, listed.person_key order by listed.month desc, intake_no desc, row_no desc
        ) as rank
    from listed
    join work.month on listed.month <= work.month.month
),
died as (
    select * from version where rank = 1 and died_on between month_start and month_end
),
on_aid as (
    select month, person_key from register.dibao_roll where active
    union
    select month, person_key from register.tekun_roll where active
),
asked as (
    select distinct work.month.month, ref_area from work.month cross join whole
)
select 'cremation_rate' as indicator_id, asked.month, asked.ref_area, count(died.person_key) as denominator
from asked
left join died on died.month = asked.month and died.ref_area = asked.ref_area
group by asked.month, asked.ref_area
union all by name
select 'funeral_aid_coverage' as indicator_id, asked.month, asked.ref_area, count(died.person_key) as denominator
from asked
left join died
    on died.month = asked.month and died.ref_area = asked.ref_area
    and exists (
        select 1 from on_aid
        where on_aid.person_key = died.person_key and on_aid.month in (died.month, died.previous_month)
    )
group by asked.month, asked.ref_area
union all by name
select
    'death_sync_rate' as indicator_id, month, ref_area,
    count(distinct person_key) filter (where shared_on - died_on <= 30) as numerator,
    count(distinct person_key) as denominator
from listed
join work.month using (month)
group by month, ref_area
