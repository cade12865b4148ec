-- One row per township and area it belongs to: itself and what its code lies in.
select township.ref_area as township_code, area.ref_area
from area as township
join area on starts_with(township.ref_area, area.ref_area)
where township.level = 'township'
