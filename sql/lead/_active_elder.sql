-- One row per active row of the elder subsidy roll.
select month, person_key, township_code, subsidy_kind, age, alive_checked_on,
    'elder_roll:' || intake_no || ':' || coalesce(sheet, '') || ':' || row_no as place
from register.elder_roll
where month in (select month from work.month) and active
