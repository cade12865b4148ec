-- One row per regular payment: what was paid in the month of death is listed, to be kept or recovered.
select payment.month, payment.township_code, 'payment_ledger' as dataset, payment.person_key,
    payment.intake_no, payment.sheet, payment.row_no,
    death.person_key is not null as broken
from register.payment_ledger as payment
left join known_death as death
    on payment.month = death.month and payment.person_key = death.person_key and death.died_on >= death.month_start
where payment.paid_on is not null and payment.amount_paid > 0 and payment.payment_kind in ('基本', '分类施保', '价格临时补贴')
    and payment.month in (select month from work.month)
