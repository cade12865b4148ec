-- One row per household counted as edge by income alone: below edge_multiple times the yearly standard of the place
-- (rural in villages and where the place is unknown, twelve times the urban one in communities). Assets are not on file.
with standard as (
    select
        county_code, work.month.month,
        max(value) filter (where param_code = 'dibao_std_rural') as rural,
        12 * max(value) filter (where param_code = 'dibao_std_urban') as urban,
        max(value) filter (where param_code = 'edge_multiple') as multiple
    from work.month
    join parameter on parameter.month = work.month.month and lag_months = 0 and band is null
    group by county_code, work.month.month
)
select 'edge_households' as indicator_id, low_income.month, low_income.township_code, low_income.township_code || household_key as case_key
from low_income
join standard on standard.month = low_income.month and standard.county_code = left(low_income.township_code, 6)
left join unit on unit.month = low_income.month and unit.region_code = low_income.region_code
where lowinc_class in ('低保边缘', '申请未通过')
    and income_per_head_year < multiple * if(unit.region_kind = '居委会', urban, rural)
