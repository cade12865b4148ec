-- One row per indicator, month, area and cell: things that unresolved findings could take away, by the parts they are in.
-- A thing goes when every row behind it does; of a person's several rows that are each other's double, one stays.
with row_of as (
    select
        one.* exclude (part, person_key), coalesce(part, 'numerator') as part,
        coalesce(one.person_key, case_key) as person_key
    from indicator_case as one
    where indicator_id in (select indicator_id from list_count)
),
struck_row as (
    select
        indicator_id, part, month, person_key, bool_and(one_stays) as one_stays, bool_or(not shared) as own
    from struck
    join list_count using (list)
    where part <> 'amounts'
    group by all
),
touched as (
    select distinct indicator_id, month, case_key
    from row_of
    join struck_row using (indicator_id, part, month, person_key)
),
judged as (
    select row_of.*, struck_row.person_key is not null as struck, one_stays, own
    from row_of
    join touched using (indicator_id, month, case_key)
    left join struck_row using (indicator_id, part, month, person_key)
),
placed as (
    select judged.*, ref_area, false as village
    from judged
    join area_of using (township_code)
    union all
    select judged.*, village_code, true
    from judged
    where village_code is not null
),
thing as (
    select
        indicator_id, month, ref_area, cell.residence, cell.sex, cell.age_group, cell.category, case_key,
        count(*) filter (where part = 'numerator') as in_numerator,
        count(*) filter (where part = 'denominator') as in_denominator,
        bool_and(struck) filter (where part = 'numerator')
            and not (in_numerator > 1 and bool_and(one_stays and placed.person_key = case_key) filter (where part = 'numerator'))
            as from_numerator,
        bool_and(struck) filter (where part = 'denominator')
            and not (in_denominator > 1 and bool_and(one_stays and placed.person_key = case_key) filter (where part = 'denominator'))
            as from_denominator,
        coalesce(bool_and(own) filter (where part = 'numerator'), false) as own_numerator,
        coalesce(bool_and(own) filter (where part = 'denominator'), false) as own_denominator
    from placed
    join cell_number as cell using (indicator_id)
    where (cell.residence = '_T' or cell.residence = placed.residence)
        and (cell.sex = '_T' or cell.sex = placed.sex)
        and (cell.age_group = '_T' or cell.age_group = placed.age_group)
        and (cell.category = '_T' or cell.category in (placed.category, placed.second_category))
        and (not village or cell.residence = '_T' and cell.sex = '_T' and cell.age_group = '_T' and cell.category = '_T')
    group by all
),
parted as (
    select
        *,
        coalesce(from_numerator, false)
            and (own_numerator or not coalesce(from_denominator, false) or in_denominator > in_numerator) as above_only,
        coalesce(from_denominator, false) and (own_denominator or in_numerator = 0) as below_only
    from thing
)
select
    indicator_id, month, ref_area, residence, sex, age_group, category,
    count(*) filter (where above_only) as above_only,
    count(*) filter (where below_only) as below_only,
    count(*) filter (where from_numerator and from_denominator and not above_only and not below_only) as both_parts
from parted
where from_numerator or from_denominator
group by all
