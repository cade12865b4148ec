-- One row per active pwd row with living subsidy: on dibao or an edge household's member, with a card valid in the month.
with entitled as (
    select month, person_key from active_person where dataset = 'dibao_roll'
    union
    select month, person_key from low_income_now where lowinc_class = '低保边缘'
),

carded as (
    select distinct card.month, card.person_key
    from register.pwd_card as card
    inner join work.month as months on card.month = months.month and card.valid_until >= months.month_end
)

select roll.month, roll.township_code, 'pwd_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    entitled.person_key is null or carded.person_key is null as broken
from register.pwd_roll as roll
left join entitled on roll.month = entitled.month and roll.person_key = entitled.person_key
left join carded on roll.month = carded.month and roll.person_key = carded.person_key
where roll.active and roll.living_amount > 0 and roll.month in (select month from work.month)
