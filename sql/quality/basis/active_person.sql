-- One row per active row of the five rolls in the months to compute: who draws what, where.
select month, township_code, 'dibao_roll' as dataset, cast(null as varchar) as kind, person_key, flags,
    intake_no, sheet, row_no
from register.dibao_roll
where active and month in (select month from work.month)
union all
select month, township_code, 'tekun_roll', null, person_key, flags, intake_no, sheet, row_no
from register.tekun_roll
where active and month in (select month from work.month)
union all
select month, township_code, 'child_roll', child_class, person_key, flags, intake_no, sheet, row_no
from register.child_roll
where active and month in (select month from work.month)
union all
select month, township_code, 'pwd_roll', null, person_key, flags, intake_no, sheet, row_no
from register.pwd_roll
where active and month in (select month from work.month)
union all
select month, township_code, 'elder_roll', subsidy_kind, person_key, flags, intake_no, sheet, row_no
from register.elder_roll
where active and month in (select month from work.month)
