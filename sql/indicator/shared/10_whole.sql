-- One row per area that holds whole counties, and county in it: a county itself, and what it lies in.
select county.county_code, area.ref_area
from area as county
join area on area.level <> 'township' and starts_with(county.county_code, area.ref_area)
where county.level = 'county'
