-- One row per payment that was made, in the months that the year to date needs (_G13); the month is the statistical month.
-- Money stays DECIMAL until it is an observation: a sum of doubles depends on the order rows come in.
-- Of an open payment whose amount cannot be read what was due is told (a payment in force always has its amount).
select month, township_code, scheme, payment_kind, coalesce(amount_paid, amount_due) as amount
from register.payment_ledger
where paid_on is not null
