-- One row per payment that was made, in the months that the year to date needs (_G13); the month is the statistical month.
select month, township_code, scheme, payment_kind, cast(amount_paid as double) as amount
from register.payment_ledger
where paid_on is not null
