-- One row per active dibao row of a person who qualifies for the living subsidy (eligible_living of pwd_living_coverage).
select dibao.month, dibao.person_key, dibao.township_code, dibao.place || ';' || card.place as place
from active_dibao as dibao
join valid_card as card
    on card.month = dibao.month and card.person_key = dibao.person_key and card.chosen = 1
where card.injury_nursing_fee is not true
    and not exists (
        select 1 from active_tekun as tekun where tekun.month = dibao.month and tekun.person_key = dibao.person_key
    )
    and not exists (
        select 1 from active_child as child where child.month = dibao.month and child.person_key = dibao.person_key
    )
