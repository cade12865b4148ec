-- One row per active row of a roll: a number issued elsewhere has a residence permit or local hukou on record behind it.
with recorded as (
    select months.month, paper.person_key
    from register.application as paper
    inner join work.month as months on paper.month <= months.month
    where paper.residence_permit
    union
    select months.month, grants.person_key
    from register.temp_aid as grants
    inner join work.month as months on grants.month <= months.month
    where grants.local_hukou
)

select roll.month, roll.township_code, roll.dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    ',' || coalesce(roll.flags, '') || ',' like '%,id_issued_elsewhere,%' and recorded.person_key is null as broken
from active_person as roll
left join recorded on roll.month = recorded.month and roll.person_key = recorded.person_key
