-- One row per month, person and township of the card: qualifies for the care subsidy and does not draw it.
select able.month, able.person_key, able.township_code, string_agg(distinct able.place, ';' order by able.place) as evidence
from eligible_care as able
where not exists (
        select 1 from active_pwd as drawn
        where drawn.month = able.month and drawn.person_key = able.person_key and drawn.care_amount > 0
    )
    and not exists (select 1 from dead where dead.month = able.month and dead.person_key = able.person_key)
group by able.month, able.person_key, able.township_code
