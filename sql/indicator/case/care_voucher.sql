-- One row per elder to whom a care voucher was issued in the month.
select distinct 'care_voucher_persons' as indicator_id, month, township_code, person_key as case_key
from register.care_voucher
join work.month using (month)
where issued_amount > 0
