-- One row per month and person whose death had happened by the month's end, by files of months up to it (_C2, _G15);
-- `before_month`: it had by the month's beginning.
with known as (
    select work.month.month, work.month.month_start, work.month.month_end, death.person_key, death.died_on,
        death.intake_no, death.sheet, death.row_no,
        row_number() over (
            partition by work.month.month, death.person_key
            order by death.month desc, death.intake_no desc, death.row_no desc
        ) as newest
    from work.month
    join register.death_list as death on death.month <= work.month.month
)
select month, person_key, died_on < month_start as before_month, 'death_list' as dataset, intake_no, sheet, row_no
from known
where newest = 1 and died_on <= month_end
