-- One row per active row of the dibao roll (_G04): on_dibao is a row here, anywhere in the county (_G16).
select month, person_key, township_code, scheme, monthly_amount, top_up_amount,
    income_per_head_year, single_person_case, grace_until, review_due_on, reviewed_on,
    'dibao_roll:' || intake_no || ':' || coalesce(sheet, '') || ':' || row_no as place
from register.dibao_roll
where month in (select month from work.month) and active
