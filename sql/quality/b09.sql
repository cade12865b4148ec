-- One row per account paid in the month: it serves no more than five persons.
select month, township_code, 'payment_ledger' as dataset, min(person_key) as person_key,
    min(intake_no) as intake_no, min(sheet) as sheet, min(row_no) as row_no,
    count(distinct person_key) > $persons as broken
from register.payment_ledger
where person_key is not null and account_key is not null and month in (select month from work.month)
group by month, township_code, account_key
