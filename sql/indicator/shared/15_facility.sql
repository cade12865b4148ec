-- One row per facility and month, with whether it is open at month end (_G17).
select facility.*, opened_on <= month_end and (closed_on is null or closed_on > month_end) as is_open
from register.care_facility as facility
join work.month using (month)
