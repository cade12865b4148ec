-- One row per township: recipients of the living subsidy are 95 to 100 in a hundred of those entitled.
with card as (
    select card.month, card.person_key, coalesce(card.injury_nursing_fee, false) as injured,
        row_number() over (partition by card.month, card.person_key order by card.valid_until desc, card.card_key) as turn
    from register.pwd_card as card
    inner join work.month as months on card.month = months.month and card.valid_until >= months.month_end
),

entitled as (
    select roll.month, roll.township_code, count(distinct roll.person_key) as persons
    from active_person as roll
    inner join card on roll.month = card.month and roll.person_key = card.person_key and card.turn = 1 and not card.injured
    where roll.dataset = 'dibao_roll'
        and not exists (
            select 1 from active_person as other
            where other.month = roll.month and other.person_key = roll.person_key
                and other.dataset in ('tekun_roll', 'child_roll')
        )
    group by roll.month, roll.township_code
),

drawing as (
    select month, township_code, count(distinct person_key) as persons
    from register.pwd_roll
    where active and living_amount > 0 and month in (select month from work.month)
    group by month, township_code
)

select entitled.month, entitled.township_code, 'pwd_roll' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    not (100.0 * coalesce(drawing.persons, 0) / nullif(entitled.persons, 0) between $low and $high) as broken
from entitled
left join drawing on entitled.month = drawing.month and entitled.township_code = drawing.township_code
