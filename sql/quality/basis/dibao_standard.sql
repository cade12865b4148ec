-- One row per month and scheme: the monthly and yearly dibao standard, and the highest that may have been used.
select standard.month,
    case standard.param_code when 'dibao_std_urban' then '城市低保' else '农村低保' end as scheme,
    case standard.param_code when 'dibao_std_urban' then value else value / 12 end as monthly,
    case standard.param_code when 'dibao_std_urban' then value * 12 else value end as yearly,
    greatest(
        case standard.param_code when 'dibao_std_urban' then value else value / 12 end,
        case standard.param_code when 'dibao_std_urban' then known_value else known_value / 12 end
    ) as highest_monthly
from in_force_standard as standard
where standard.param_code in ('dibao_std_urban', 'dibao_std_rural')
