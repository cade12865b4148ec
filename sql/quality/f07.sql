-- One row per operating canteen: it served meals in the month.
select month, township_code, 'community_care' as dataset, null as person_key, intake_no, sheet, row_no,
    meal_person_times = 0 as broken
from register.community_care
where operating and site_kind = '幸福食堂' and month in (select month from work.month)
