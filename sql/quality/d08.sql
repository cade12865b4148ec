-- One row per dibao household where the county pays the difference: standard x size less income, rounded up.
with household as (
    select month, township_code, household_key, scheme, min(person_key) as person_key,
        min(intake_no) as intake_no, min(sheet) as sheet, min(row_no) as row_no,
        sum(monthly_amount) - sum(coalesce(top_up_amount, 0)) as amount,
        max(income_per_head_year) / 12 as income, greatest(max(household_size_covered), count(*)) as size
    from register.dibao_roll
    where active and month in (select month from work.month)
    group by month, township_code, household_key, scheme
)

select household.month, township_code, 'dibao_roll' as dataset, person_key, intake_no, sheet, row_no,
    case
        when mode.value = 1 then abs(amount - ceil((standard.monthly - income) * size)) > $tolerance
    end as broken
from household
left join dibao_standard as standard
    on household.month = standard.month and household.scheme = standard.scheme
    and left(household.township_code, 6) = standard.county_code
left join in_force_standard as mode
    on household.month = mode.month and mode.param_code = 'dibao_difference_mode'
    and left(household.township_code, 6) = mode.county_code
