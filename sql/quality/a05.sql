-- One row per small urgent grant whose ten days are over: an application of the person followed.
with reported as (
    select max(month) as last_month from register.application
),

followed as (
    select distinct grants.intake_no, grants.sheet, grants.row_no
    from register.temp_aid as grants
    inner join register.application as paper
        on paper.person_key = grants.person_key
        and paper.applied_on between grants.applied_on and grants.granted_on + cast($days as integer)
    where paper.matter = '临时救助' and grants.month in (select month from work.month)
)

select grants.month, grants.township_code, 'temp_aid' as dataset, grants.person_key, grants.intake_no, grants.sheet, grants.row_no,
    case
        when strftime(grants.granted_on + cast($days as integer), '%Y-%m') <= reported.last_month then followed.intake_no is null
    end as broken
from register.temp_aid as grants
cross join reported
left join followed
    on followed.intake_no = grants.intake_no and followed.sheet is not distinct from grants.sheet and followed.row_no = grants.row_no
where grants.small_urgent and grants.month in (select month from work.month)
