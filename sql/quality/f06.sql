-- One row per community site: it is not on the list of institutions as well.
select site.month, site.township_code, 'community_care' as dataset, null as person_key, site.intake_no, site.sheet, site.row_no,
    exists (
        select 1 from register.care_facility as facility
        where facility.month = site.month and facility.facility_code = site.site_code
    ) and site.community_bed_count + site.home_bed_count > 0 as broken
from register.community_care as site
where site.month in (select month from work.month)
