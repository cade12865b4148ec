-- One row per row of a care voucher issued in the month.
select voucher.month, voucher.person_key, voucher.township_code,
    'care_voucher' as dataset, voucher.intake_no, voucher.sheet, voucher.row_no
from register.care_voucher as voucher
join work.month on work.month.month = voucher.month
where voucher.issued_amount > 0
