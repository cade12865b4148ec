-- One row per row of the low-income register that holds at the month's end: entered, not left (_G16).
select month, person_key, township_code, lowinc_class, 'lowinc_register' as dataset, intake_no, sheet, row_no
from register.lowinc_register
join work.month using (month)
where entered_on <= month_end and (left_on is null or left_on > month_end)
