-- One row per month, parameter and band: the value in force, and the value that was known when the month was paid.
with stated as (
    select param_code, coalesce(band, '') as band, value, unit, valid_from, valid_to, decided_on,
        row_number() over (
            partition by param_code, coalesce(band, ''), valid_from
            order by intake_no desc, row_no desc
        ) as turn
    from register.policy_param
),

running as (
    select months.month, stated.*,
        row_number() over (
            partition by months.month, param_code, band order by valid_from desc, decided_on desc nulls last
        ) as place,
        row_number() over (
            partition by months.month, param_code, band
            order by coalesce(decided_on, valid_from) <= months.month_end desc, valid_from desc, decided_on desc nulls last
        ) as known_place
    from stated
    inner join work.month as months
        on stated.valid_from <= months.month_end and (stated.valid_to is null or stated.valid_to > months.month_end)
    where stated.turn = 1
)

select month, param_code, band,
    max(case when place = 1 then value end) as value,
    max(case when known_place = 1 then value end) as known_value,
    max(case when place = 1 then unit end) as unit
from running
group by month, param_code, band
