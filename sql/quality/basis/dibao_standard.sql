-- One row per county, month and scheme: the monthly and yearly dibao standard, the monthly one known when the month was paid, the higher.
with standard as (
    select county_code, month, case param_code when 'dibao_std_urban' then '城市低保' else '农村低保' end as scheme,
        case param_code when 'dibao_std_urban' then 1 else 12 end as months, value, known_value
    from in_force_standard
    where param_code in ('dibao_std_urban', 'dibao_std_rural')
)

select county_code, month, scheme, value / months as monthly, value / months * 12 as yearly, known_value / months as known_monthly,
    greatest(value, known_value) / months as highest_monthly
from standard
