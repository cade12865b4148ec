-- One row per card of a person who qualifies for the care subsidy (eligible_care of pwd_care_coverage).
select card.month, card.person_key, card.township_code, card.place
from valid_card as card
where card.disability_level in ('1', '2') and card.long_care_need and card.injury_nursing_fee is not true
    and not exists (
        select 1 from active_tekun as tekun where tekun.month = card.month and tekun.person_key = card.person_key
    )
