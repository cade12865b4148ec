-- One row per payment and month: what every roll and grant says, paid in full and on time.
insert into register.payment_ledger by name
with due as (
    select month, township_code, scheme, '基本' as payment_kind, person_key, account_key, monthly_amount - top_up_amount as amount
    from register.dibao_roll
    union all
    select month, township_code, scheme, '分类施保', person_key, account_key, top_up_amount
    from register.dibao_roll
    where top_up_amount > 0
    union all
    select month, township_code, '特困基本生活', '基本', person_key, account_key, basic_amount from register.tekun_roll
    union all
    select month, township_code, '特困照料护理', '基本', person_key, account_key, care_amount from register.tekun_roll
    union all
    select month, township_code, child_class, '基本', person_key, account_key, monthly_amount from register.child_roll
    union all
    select month, township_code, '残疾人生活补贴', '基本', person_key, account_key, living_amount from register.pwd_roll
    union all
    select month, township_code, '残疾人护理补贴', '基本', person_key, account_key, care_amount
    from register.pwd_roll
    where care_amount > 0
    union all
    select month, township_code, subsidy_kind, '基本', person_key, account_key, monthly_amount from register.elder_roll
    union all
    select month, township_code, '临时救助', '基本', person_key, 'ag-' || person_key, amount from register.temp_aid
)

select due.month, township_code, 'pay-' || row_number() over () as payment_key, township_code || '200' as region_code,
    scheme, payment_kind, person_key, account_key, amount as amount_due, amount as amount_paid,
    cast(months.month_start as date) + 24 as due_on, cast(months.month_start as date) + 20 as paid_on,
    '2081901' as function_code, 20 as intake_no, '' as sheet, row_number() over () as row_no
from due
inner join work.month as months on due.month = months.month
