-- One row per dibao household: its money is above zero and within standard x size + top-up.
with household as (
    select month, township_code, household_key, scheme, min(person_key) as person_key,
        min(intake_no) as intake_no, min(sheet) as sheet, min(row_no) as row_no,
        sum(monthly_amount) as amount, sum(coalesce(top_up_amount, 0)) as top_up,
        greatest(max(household_size_covered), count(*)) as size
    from register.dibao_roll
    where active and month in (select month from work.month)
    group by month, township_code, household_key, scheme
)

select household.month, township_code, 'dibao_roll' as dataset, person_key, intake_no, sheet, row_no,
    not (amount > 0 and amount <= standard.highest_monthly * size + top_up + $tolerance * size) as broken
from household
left join dibao_standard as standard
    on household.month = standard.month and household.scheme = standard.scheme
    and left(household.township_code, 6) = standard.county_code
