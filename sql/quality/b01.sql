-- One row per township and scheme: the regular money due equals the roll's monthly amounts.
with due as (
    select month, township_code,
        scheme, sum(amount_due) as amount
    from register.payment_ledger
    where payment_kind in ('基本', '分类施保') and month in (select month from work.month)
    group by month, township_code, scheme
),

drawn as (
    select month, township_code, scheme, monthly_amount as amount from register.dibao_roll where active
    union all
    select month, township_code, '特困基本生活', basic_amount from register.tekun_roll where active
    union all
    select month, township_code, '特困照料护理', care_amount from register.tekun_roll where active
    union all
    select month, township_code, child_class, monthly_amount from register.child_roll where active
    union all
    select month, township_code, '残疾人生活补贴', living_amount from register.pwd_roll where active
    union all
    select month, township_code, '残疾人护理补贴', care_amount from register.pwd_roll where active
    union all
    select month, township_code, subsidy_kind, monthly_amount from register.elder_roll where active
),

roll as (
    select month, township_code, scheme, sum(coalesce(amount, 0)) as amount
    from drawn
    where month in (select month from work.month)
    group by month, township_code, scheme
)

select roll.month, roll.township_code, 'payment_ledger' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    abs(roll.amount - coalesce(due.amount, 0)) > $tolerance as broken
from roll
left join due on roll.month = due.month and roll.township_code = due.township_code and roll.scheme = due.scheme
