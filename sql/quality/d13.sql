-- One row per active row of a roll: the person is on that roll in one township only (CF02).
with places as (
    select month, dataset, coalesce(case when dataset = 'elder_roll' then kind end, '') as kind, person_key
    from active_person
    group by month, dataset, coalesce(case when dataset = 'elder_roll' then kind end, ''), person_key
    having count(distinct township_code) > 1
)

select roll.month, roll.township_code, roll.dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    places.person_key is not null as broken
from active_person as roll
left join places
    on roll.month = places.month and roll.dataset = places.dataset and roll.person_key = places.person_key
    and coalesce(case when roll.dataset = 'elder_roll' then roll.kind end, '') = places.kind
