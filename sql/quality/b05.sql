-- One row per person and scheme: regular money paid does not pass the money due.
select month, township_code, 'payment_ledger' as dataset, person_key,
    min(intake_no) as intake_no, min(sheet) as sheet, min(row_no) as row_no,
    sum(case when paid_on is not null then amount_paid else 0 end) > sum(amount_due) + $tolerance as broken
from register.payment_ledger
where payment_kind in ('基本', '分类施保') and person_key is not null and month in (select month from work.month)
group by month, township_code, person_key, scheme
