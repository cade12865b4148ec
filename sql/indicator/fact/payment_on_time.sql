-- One row per month, area and scheme: pairs of person and scheme with a monthly payment due, and those paid in full in time.
with pair as (
    select
        month, ref_area, code, person_key,
        bool_and(paid_on is not null and paid_on <= due_on) and sum(amount_paid) >= sum(amount_due) as in_time
    from register.payment_ledger as payment
    join work.month using (month)
    join scheme_code using (scheme)
    join area_of using (township_code)
    where payment_kind in ('基本', '分类施保') and person_key is not null
    group by month, ref_area, code, person_key
)
select
    'payment_ontime_rate' as indicator_id, month, ref_area, if(grouping(code) = 1, '_T', code) as category,
    count(*) filter (where in_time) as numerator, count(*) as denominator
from pair
group by grouping sets ((month, ref_area), (month, ref_area, code))
