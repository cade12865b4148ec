-- One row per small urgent grant whose ten days are over: an application of the person followed.
with reported as (
    select max(month) as last_month from register.application
)

select grants.month, grants.township_code, 'temp_aid' as dataset, grants.person_key, grants.intake_no, grants.sheet, grants.row_no,
    case
        when strftime(grants.granted_on + cast($days as integer), '%Y-%m') <= reported.last_month
            then not exists (
                select 1
                from register.application as paper
                where paper.person_key = grants.person_key and paper.matter = '临时救助'
                    and paper.applied_on <= grants.granted_on + cast($days as integer)
                    and paper.applied_on >= grants.applied_on
            )
    end as broken
from register.temp_aid as grants
cross join reported
where grants.small_urgent and grants.month in (select month from work.month)
