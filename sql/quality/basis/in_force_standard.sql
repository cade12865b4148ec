-- One row per county, month, parameter and band: the value in force, and the value that was known when the month was paid: a decision
-- taken later ends the one before in the table, but not for the month that was paid by it.
with stated as (
    select sender.township_code as county_code, param_code, coalesce(band, '') as band, value, unit, valid_from, valid_to, decided_on,
        row_number() over (
            partition by sender.township_code, param_code, coalesce(band, ''), valid_from
            order by param.intake_no desc, row_no desc
        ) as turn
    from register.policy_param as param
    inner join register.coverage as sender
        on sender.dataset = 'policy_param' and param.month = sender.month and param.intake_no = sender.intake_no
),

dated as (
    select county_code, param_code, band, value, unit, valid_from, valid_to, decided_on,
        coalesce(decided_on, valid_from) as known_on,
        lead(coalesce(decided_on, valid_from)) over (
            partition by county_code, param_code, band order by valid_from
        ) as superseded_on
    from stated
    where turn = 1
),

running as (
    select months.month, dated.*,
        dated.valid_to is null or dated.valid_to > months.month_end as in_force,
        row_number() over (
            partition by county_code, months.month, param_code, band
            order by dated.valid_to is null or dated.valid_to > months.month_end desc, valid_from desc, decided_on desc nulls last
        ) as place,
        row_number() over (
            partition by county_code, months.month, param_code, band
            order by known_on <= months.month_end desc, valid_from desc, decided_on desc nulls last
        ) as known_place
    from dated
    inner join work.month as months on dated.valid_from <= months.month_end
    where dated.valid_to is null or dated.valid_to > months.month_end or dated.superseded_on > months.month_end
)

select county_code, month, param_code, band,
    max(case when place = 1 then value end) as value,
    max(case when known_place = 1 then value end) as known_value,
    max(case when place = 1 then unit end) as unit
from running
group by county_code, month, param_code, band
having bool_or(in_force)
