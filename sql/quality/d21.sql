-- One row per person drawing dibao: regular money of the month does not pass the roll's amount, so arrears stand apart.
with due as (
    select month, township_code, person_key, min(intake_no) as intake_no, min(sheet) as sheet, min(row_no) as row_no,
        sum(amount_due) as amount
    from register.payment_ledger
    where scheme in ('城市低保', '农村低保') and payment_kind in ('基本', '分类施保') and month in (select month from work.month)
    group by month, township_code, person_key
),

roll as (
    select month, person_key, sum(monthly_amount) as amount
    from register.dibao_roll
    where active and month in (select month from work.month)
    group by month, person_key
)

select due.month, due.township_code, 'payment_ledger' as dataset, due.person_key, due.intake_no, due.sheet, due.row_no,
    due.amount > roll.amount + $tolerance as broken
from due
inner join roll on due.month = roll.month and due.person_key = roll.person_key
