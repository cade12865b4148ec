-- One row per indicator, month, area and cell: distinct things counted, a person in two townships once in the county (_G05).
-- Keys become integers first, because counting distinct integers is several times faster than counting distinct texts.
with thing as (
    select case_key, cast(row_number() over (order by case_key) as integer) as thing
    from (select distinct case_key from indicator_case)
),
numbered as (
    select
        indicator_id, coalesce(part, 'numerator') = 'numerator' as in_numerator,
        cast(replace(month, '-', '') as integer) as month_number, cast(township_code as integer) as township,
        thing.thing, village_code, residence, sex, age_group, category, second_category
    from indicator_case
    join thing using (case_key)
),
total as (
    select indicator_id, cell_number from cell_number
    where residence = '_T' and sex = '_T' and age_group = '_T' and category = '_T'
),
in_cell as (
    select cell_number, in_numerator, month_number, township, thing
    from numbered
    join total using (indicator_id)
    union all
    select cell_number, in_numerator, month_number, township, thing
    from numbered
    join cell_number using (indicator_id, residence)
    where cell_number.residence <> '_T'
    union all
    select cell_number, in_numerator, month_number, township, thing
    from numbered
    join cell_number using (indicator_id, sex)
    where cell_number.sex <> '_T'
    union all
    select cell_number, in_numerator, month_number, township, thing
    from numbered
    join cell_number using (indicator_id, age_group)
    where cell_number.age_group <> '_T'
    union all
    select cell_number, in_numerator, month_number, township, thing
    from numbered
    join cell_number on cell_number.indicator_id = numbered.indicator_id and cell_number.category = numbered.category
    where cell_number.category <> '_T'
    union all
    select cell_number, in_numerator, month_number, township, thing
    from numbered
    join cell_number on cell_number.indicator_id = numbered.indicator_id and cell_number.category = numbered.second_category
    where cell_number.category <> '_T'
),
place as (
    select cast(township_code as integer) as township, cast(ref_area as integer) as area from area_of
),
counted as (
    select
        cell_number, month_number, area,
        count(distinct thing) filter (where in_numerator) as numerator,
        count(distinct thing) filter (where not in_numerator) as denominator
    from in_cell
    join place using (township)
    group by cell_number, month_number, area
),
in_village as (
    select cell_number, month_number, village_code, count(distinct thing) as numerator
    from numbered
    join total using (indicator_id)
    where village_code is not null and in_numerator
    group by cell_number, month_number, village_code
),
everywhere as (
    select cell_number, month_number, cast(area as varchar) as ref_area, numerator, denominator from counted
    union all
    select cell_number, month_number, village_code, numerator, 0 from in_village
)
select
    indicator_id, (month_number // 100) || '-' || lpad(cast(month_number % 100 as varchar), 2, '0') as month, ref_area,
    residence, sex, age_group, category,
    cast(numerator as double) as numerator,
    cast(nullif(denominator, 0) as double) as denominator
from everywhere
join cell_number using (cell_number)
