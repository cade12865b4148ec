-- One row per month, person and township of the payment: basic dibao or tekun money without being on that roll.
select paid.month, paid.person_key, paid.township_code, string_agg(paid.place, ';' order by paid.place) as evidence
from paid
where paid.person_key is not null
    and paid.payment_kind = '基本'
    and (
        paid.scheme in ('城市低保', '农村低保') and not exists (
            select 1 from active_dibao as d where d.month = paid.month and d.person_key = paid.person_key
        )
        or paid.scheme = '特困基本生活' and not exists (
            select 1 from active_tekun as t where t.month = paid.month and t.person_key = paid.person_key
        )
    )
group by paid.month, paid.person_key, paid.township_code
