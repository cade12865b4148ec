-- One row per disability card of the month, valid or not, whose holder draws a work-injury nursing fee (CF05).
select month, person_key, township_code, 'pwd_card' as dataset, intake_no, sheet, row_no
from register.pwd_card
where injury_nursing_fee and month in (select month from work.month)
