-- One row per payment that was made, in the months that the year to date needs (_G13); the month is the statistical month.
-- Money stays DECIMAL until it is an observation: a sum of doubles depends on the order rows come in.
select month, township_code, scheme, payment_kind, amount_paid as amount
from register.payment_ledger
where paid_on is not null
