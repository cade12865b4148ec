-- One row per month, person and township of the roll row: on the dibao or tekun roll with an amount, not paid this month.
with unpaid as (
    select month, person_key, township_code, place
    from active_dibao as roll
    where monthly_amount > 0 and not exists (
        select 1 from paid
        where paid.month = roll.month and paid.person_key = roll.person_key
            and paid.payment_kind = '基本' and paid.scheme in ('城市低保', '农村低保')
    )
    union all
    select month, person_key, township_code, place
    from active_tekun as roll
    where basic_amount > 0 and not exists (
        select 1 from paid
        where paid.month = roll.month and paid.person_key = roll.person_key
            and paid.payment_kind = '基本' and paid.scheme = '特困基本生活'
    )
)
select month, person_key, township_code, string_agg(place, ';' order by place) as evidence
from unpaid
group by month, person_key, township_code
