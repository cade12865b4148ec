-- One row per grant of the month: the household has no more than two for one cause within twelve months.
with family as (
    select month, granted_on, cause, coalesce(household_key, person_key) as family from register.temp_aid
),

often as (
    select months.month, family.family, family.cause
    from family
    inner join work.month as months
        on family.month <= months.month and family.granted_on <= months.month_end
        and family.granted_on > months.month_end - to_months(cast($months as integer))
    group by months.month, family.family, family.cause
    having count(*) > $grants
)

select grants.month, grants.township_code, 'temp_aid' as dataset, grants.person_key, grants.intake_no, grants.sheet, grants.row_no,
    often.family is not null as broken
from register.temp_aid as grants
left join often
    on grants.month = often.month and grants.cause = often.cause
    and coalesce(grants.household_key, grants.person_key) = often.family
where grants.month in (select month from work.month)
