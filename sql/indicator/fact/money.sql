-- One row per month and area: money paid, of the month and of the year to date (_G10, _G13).
with of_month as (
    select work.month.month, ref_area, scheme, payment_kind, sum(amount) as amount
    from paid
    join work.month using (month)
    join area_of using (township_code)
    group by all
),
of_source as (
    select month, township_code, scheme, payment_kind, sum(amount) as amount
    from paid
    group by all
),
of_year as (
    select reading.month, ref_area, scheme, payment_kind, sum(amount) as amount
    from of_source
    join window_month as reading on reading.reading = 'year_to_date' and reading.source_month = of_source.month
    join area_of using (township_code)
    group by all
),
in_year as (
    select month, ref_area, amount, 'civil_spend_ytd' as indicator_id from of_year
    union all
    select month, ref_area, amount, case scheme
        when '城市低保' then 'dibao_spend_urban_ytd'
        when '农村低保' then 'dibao_spend_rural_ytd'
        when '临时救助' then 'temp_aid_spend_ytd'
        when '购买服务' then 'elder_purchase_spend'
        when '福彩公益金项目' then 'lottery_fund_used'
    end
    from of_year
    union all
    select month, ref_area, amount, 'price_subsidy_paid' from of_year where payment_kind = '价格临时补贴'
    union all
    select month, ref_area, amount, 'aid_fund_execution'
    from of_year
    where scheme in ('城市低保', '农村低保', '特困基本生活', '特困照料护理', '临时救助', '孤儿', '事实无人抚养儿童')
),
benefit as (
    select month, ref_area, if(scheme = '城市低保', 'U', 'R') as residence, amount
    from of_month
    where scheme in ('城市低保', '农村低保') and payment_kind in ('基本', '分类施保')
)
select indicator_id, month, ref_area, '_T' as residence, sum(amount) as numerator
from in_year
where indicator_id is not null
group by indicator_id, month, ref_area
union all by name
select
    if(residence = 'U', 'dibao_subsidy_urban', 'dibao_subsidy_rural') as indicator_id, month, ref_area, '_T' as residence,
    sum(amount) as numerator
from benefit
group by benefit.residence, month, ref_area
union all by name
select 'dibao_benefit_ratio' as indicator_id, month, ref_area, if(grouping(residence) = 1, '_T', residence) as residence, sum(amount) as numerator
from benefit
group by grouping sets ((month, ref_area), (month, ref_area, residence))
