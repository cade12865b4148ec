-- One row per register row in force at the month's end: lowinc_now (_G16).
select low_income.*
from register.lowinc_register as low_income
join work.month using (month)
where entered_on <= month_end and (left_on is null or left_on > month_end)
