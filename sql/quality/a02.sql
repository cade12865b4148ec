-- One row per grant: within the cap, unless decided case by case (CZ01).
select grants.month, grants.township_code, 'temp_aid' as dataset, grants.person_key, grants.intake_no, grants.sheet, grants.row_no,
    grants.amount > multiple.value * standard.value and not coalesce(grants.case_by_case, false) as broken
from register.temp_aid as grants
left join in_force_standard as multiple
    on grants.month = multiple.month and multiple.param_code = 'temp_aid_cap_multiple' and left(grants.township_code, 6) = multiple.county_code
left join in_force_standard as standard
    on grants.month = standard.month and standard.param_code = 'dibao_std_urban' and left(grants.township_code, 6) = standard.county_code
where grants.month in (select month from work.month)
