-- One row per area and figure of the last month, of rows that break nothing but the sex.
with good as (
    select *
    from {{ ref('judged') }}
    where month = (select max(month) from {{ ref('judged') }}) and active
        and not (id_length or id_checksum or id_birth_mismatch or area_unknown or blank_scheme or scheme_unknown or status_unknown
            or date_format or month_format or amount_format or number_format)
),
counted as (
    select coalesce(township, left(any_value(township), 6)) as area, if(scheme = '城市低保', 'urban', 'rural') as name,
        count(*) as persons, count(distinct household) as households, count(*) filter (where not male) as women
    from good
    group by grouping sets ((township, scheme), (scheme))
)
select area, name, persons from counted
union all
select area, name || '_households', households from counted
union all
select area, name || '_women', women from counted
