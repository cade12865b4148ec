-- One row per row that carries money: no amount is negative, and what is recovered is not positive.
select month, township_code, 'dibao_roll' as dataset, person_key, intake_no, sheet, row_no,
    monthly_amount < 0 or coalesce(top_up_amount, 0) < 0 as broken
from register.dibao_roll
where month in (select month from work.month)
union all
select month, township_code, 'tekun_roll', person_key, intake_no, sheet, row_no, basic_amount < 0 or care_amount < 0
from register.tekun_roll
where month in (select month from work.month)
union all
select month, township_code, 'child_roll', person_key, intake_no, sheet, row_no, monthly_amount < 0
from register.child_roll
where month in (select month from work.month)
union all
select month, township_code, 'pwd_roll', person_key, intake_no, sheet, row_no,
    coalesce(living_amount, 0) < 0 or coalesce(care_amount, 0) < 0
from register.pwd_roll
where month in (select month from work.month)
union all
select month, township_code, 'elder_roll', person_key, intake_no, sheet, row_no, monthly_amount < 0
from register.elder_roll
where month in (select month from work.month)
union all
select month, township_code, 'temp_aid', person_key, intake_no, sheet, row_no, amount < 0
from register.temp_aid
where month in (select month from work.month)
union all
select month, township_code, 'payment_ledger', person_key, intake_no, sheet, row_no,
    case when payment_kind = '追回' then amount_paid > 0 else amount_paid < 0 end
from register.payment_ledger
where month in (select month from work.month)
