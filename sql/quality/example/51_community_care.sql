-- One row per site and month: one canteen in each township.
insert into register.community_care by name
select months.month, township_code, township_code || '200' as region_code, 'site-' || township_code as site_code,
    '虚构食堂' as site_name, '幸福食堂' as site_kind, true as operating, 4 as community_bed_count, 3 as home_bed_count,
    100 as service_person_times, 300 as meal_person_times, township_code || '200' as served_region_codes,
    1 as retrofitted_households, 2 as family_carer_trained, 12 as special_elder_listed, 10 as special_elder_visited,
    22 as intake_no, '' as sheet, place_no as row_no
from example_place
cross join work.month as months
