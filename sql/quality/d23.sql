-- One row per single-person case: an edge household behind it, and severe disability or illness (社会救助法 art.21).
with edge as (
    select distinct month, person_key, household_key
    from low_income_now
    where lowinc_class = '低保边缘'
),

severe as (
    select distinct card.month, card.person_key
    from register.pwd_card as card
    inner join work.month as months on card.month = months.month
    where try_cast(card.disability_level as integer) <= $severe_level and card.valid_until >= months.month_end
)

select roll.month, roll.township_code, 'dibao_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    not (
        exists (select 1 from edge where edge.month = roll.month and edge.person_key = roll.person_key)
        or exists (select 1 from edge where edge.month = roll.month and edge.household_key = roll.household_key)
    )
    or case
        when try_cast(roll.disability_level as integer) <= $severe_level then false
        when roll.severe_illness then false
        when exists (select 1 from severe where severe.month = roll.month and severe.person_key = roll.person_key) then false
        when covered.absent_columns not like '%severe_illness%' then true
    end as broken
from register.dibao_roll as roll
inner join covered
    on covered.dataset = 'dibao_roll' and roll.month = covered.month and roll.township_code = covered.township_code
where roll.active and roll.single_person_case and roll.month in (select month from work.month)
