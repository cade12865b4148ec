-- One row per month, person and township of the payment: paid in a month after the month of death.
select paid.month, paid.person_key, paid.township_code,
    string_agg(distinct paid.place, ';' order by paid.place) || ';' || min(dead.place) as evidence
from paid
join dead on dead.month = paid.month and dead.person_key = paid.person_key
where paid.payment_kind in ('基本', '分类施保', '价格临时补贴') and dead.before_month
group by paid.month, paid.person_key, paid.township_code
