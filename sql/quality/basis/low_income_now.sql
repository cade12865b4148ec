-- One row per month and row of the low-income register that is in force at the month's end (_G16).
select register.*
from register.lowinc_register as register
inner join work.month as months on register.month = months.month
where register.entered_on <= months.month_end and (register.left_on is null or register.left_on > months.month_end)
