-- One row per township and scheme: dibao spending of the year as shown is regular, temporary, arrears and recovered money.
with monthly as (
    select month, township_code, scheme,
        coalesce(sum(amount_paid) filter (where payment_kind in ('基本', '分类施保')), 0)
        + coalesce(sum(amount_paid) filter (where payment_kind = '价格临时补贴'), 0)
        + coalesce(sum(amount_paid) filter (where payment_kind in ('补发', '追回')), 0) as amount
    from register.payment_ledger
    where paid_on is not null and scheme in ('城市低保', '农村低保')
    group by month, township_code, scheme
),

paid as (
    select months.month, monthly.township_code, monthly.scheme, sum(monthly.amount) as amount
    from monthly
    inner join work.month as months on monthly.month between months.year_start and months.month
    group by months.month, monthly.township_code, monthly.scheme
)

select shown.month, shown.ref_area as township_code, 'observation' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    round(abs(shown.numerator - coalesce(paid.amount, 0)), 2) > $tolerance as broken
from indicator.observation as shown
left join paid
    on shown.month = paid.month and shown.ref_area = paid.township_code
    and paid.scheme = case shown.indicator_id when 'dibao_spend_urban_ytd' then '城市低保' else '农村低保' end
where shown.indicator_id in ('dibao_spend_urban_ytd', 'dibao_spend_rural_ytd') and length(shown.ref_area) = 9
    and shown.obs_status <> 'M' and shown.month in (select month from work.month)
