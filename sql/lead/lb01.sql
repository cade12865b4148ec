-- One row per month, person and township of the card: severely disabled, in an edge household, on neither dibao nor tekun.
select card.month, card.person_key, card.township_code,
    string_agg(distinct card.place, ';' order by card.place) || ';'
    || string_agg(distinct edge.place, ';' order by edge.place) as evidence
from valid_card as card
join lowinc_now as edge
    on edge.month = card.month and edge.person_key = card.person_key and edge.lowinc_class = '低保边缘'
where card.disability_level in ('1', '2')
    and not exists (select 1 from active_dibao as d where d.month = card.month and d.person_key = card.person_key)
    and not exists (select 1 from active_tekun as t where t.month = card.month and t.person_key = card.person_key)
    and not exists (select 1 from dead where dead.month = card.month and dead.person_key = card.person_key)
group by card.month, card.person_key, card.township_code
