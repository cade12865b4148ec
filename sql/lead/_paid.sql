-- One row per payment of the month that was really paid: paid_on not blank and more than nothing.
select month, person_key, township_code, scheme, payment_kind, 'payment_ledger' as dataset, intake_no, sheet, row_no
from register.payment_ledger
where month in (select month from work.month) and paid_on is not null and amount_paid > 0
