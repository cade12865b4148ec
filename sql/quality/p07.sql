-- One row per card holder entitled to a subsidy: it is drawn (YX01, YX02).
with card as (
    select card.month, card.township_code, card.person_key, card.disability_level, card.long_care_need,
        card.intake_no, card.sheet, card.row_no,
        row_number() over (partition by card.month, card.person_key order by card.valid_until desc, card.card_key) as turn
    from register.pwd_card as card
    inner join work.month as months on card.month = months.month and card.valid_until >= months.month_end
    where not coalesce(card.injury_nursing_fee, false)
        and not exists (
            select 1 from active_person as tekun
            where tekun.dataset = 'tekun_roll' and tekun.month = card.month and tekun.person_key = card.person_key
        )
        and not exists (
            select 1 from known_death as death where death.month = card.month and death.person_key = card.person_key
        )
),

person as (
    select card.*,
        exists (
            select 1 from active_person as roll
            where roll.dataset = 'dibao_roll' and roll.month = card.month and roll.person_key = card.person_key
        )
        and not exists (
            select 1 from active_person as roll
            where roll.dataset = 'child_roll' and roll.month = card.month and roll.person_key = card.person_key
        ) as living,
        coalesce(card.long_care_need and card.disability_level in ('1', '2'), false) as care
    from card
    where card.turn = 1
),

drawn as (
    select month, person_key, max(coalesce(living_amount, 0)) as living, max(coalesce(care_amount, 0)) as care
    from register.pwd_roll
    where active and month in (select month from work.month)
    group by month, person_key
)

select person.month, person.township_code, 'pwd_card' as dataset, person.person_key, person.intake_no, person.sheet, person.row_no,
    (person.living and coalesce(drawn.living, 0) = 0) or (person.care and coalesce(drawn.care, 0) = 0) as broken
from person
left join drawn on person.month = drawn.month and person.person_key = drawn.person_key
where person.living or person.care
