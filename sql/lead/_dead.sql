-- One row per month and person whose death had happened by the month's end, by files of months up to it (_C2, _G15).
with known as (
    select work.month.month, work.month.month_end, death.person_key, death.died_on,
        'death_list:' || death.intake_no || ':' || coalesce(death.sheet, '') || ':' || death.row_no as place,
        row_number() over (
            partition by work.month.month, death.person_key
            order by death.month desc, death.intake_no desc, death.row_no desc
        ) as newest
    from work.month
    join register.death_list as death on death.month <= work.month.month
)
select month, person_key, died_on, place
from known
where newest = 1 and died_on <= month_end
