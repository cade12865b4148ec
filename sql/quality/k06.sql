-- One row per active row of the rolls: a number issued elsewhere has a residence permit or local hukou on record behind it.
with roll as (
    select month, township_code, 'dibao_roll' as dataset, person_key, intake_no, sheet, row_no, flags
    from register.dibao_roll
    where active
    union all
    select month, township_code, 'tekun_roll', person_key, intake_no, sheet, row_no, flags
    from register.tekun_roll
    where active
    union all
    select month, township_code, 'child_roll', person_key, intake_no, sheet, row_no, flags
    from register.child_roll
    where active
    union all
    select month, township_code, 'pwd_roll', person_key, intake_no, sheet, row_no, flags
    from register.pwd_roll
    where active
    union all
    select month, township_code, 'elder_roll', person_key, intake_no, sheet, row_no, flags
    from register.elder_roll
    where active
),

recorded as (
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
from roll
left join recorded on roll.month = recorded.month and roll.person_key = recorded.person_key
where roll.month in (select month from work.month)
