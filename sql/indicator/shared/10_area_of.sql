-- One row per township and area it belongs to: itself and the county.
select ref_area as township_code, ref_area
from area
where level = 'township'
union all
select township.ref_area, county.ref_area
from area as township
cross join area as county
where township.level = 'township' and county.level = 'county'
