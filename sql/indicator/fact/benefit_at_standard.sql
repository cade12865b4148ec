-- One row per month, area and residence: what the persons on dibao would get at the full monthly standard.
with standard as (
    select county_code, month, '城市低保' as scheme, value from parameter where lag_months = 0 and param_code = 'dibao_std_urban' and band is null
    union all
    select county_code, month, '农村低保', value / 12 from parameter where lag_months = 0 and param_code = 'dibao_std_rural' and band is null
),
person as (
    select roll.month, ref_area, left(township_code, 6) as county_code, scheme, count(distinct person_key) as persons
    from register.dibao_roll as roll
    join work.month using (month)
    join area_of using (township_code)
    where active
    group by all
)
select
    'dibao_benefit_ratio' as indicator_id, month, ref_area,
    case when grouping(scheme) = 1 then '_T' when scheme = '城市低保' then 'U' else 'R' end as residence,
    sum(persons * value) as denominator
from person
join standard using (month, county_code, scheme)
group by grouping sets ((month, ref_area), (month, ref_area, scheme))
