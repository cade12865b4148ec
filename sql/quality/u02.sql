-- One row per active row of the five rolls: nobody is still on a roll more than thirty days after death.
select roll.month, roll.township_code, roll.dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    death.person_key is not null as broken
from active_person as roll
left join known_death as death
    on roll.month = death.month and roll.person_key = death.person_key
    and death.died_on + cast($days as integer) < death.month_end
