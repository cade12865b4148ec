-- One row per month to compute and person known dead from the lists of that month or earlier (_G15).
with latest as (
    select months.month, months.month_start, months.month_end, deaths.person_key, deaths.died_on, deaths.intake_no,
        row_number() over (
            partition by months.month, deaths.person_key order by deaths.month desc, deaths.intake_no desc, deaths.row_no desc
        ) as turn
    from register.death_list as deaths
    inner join work.month as months on deaths.month <= months.month
)

select month, month_start, month_end, person_key, died_on
from latest
where turn = 1 and died_on <= month_end
