-- One row per month, area and matter: applications, those verified, those made online, and the median days to decide.
with row_of_month as (
    select
        application.*, ref_area,
        case matter
            when '城市低保' then 'M_DIBAO_U' when '农村低保' then 'M_DIBAO_R' when '特困' then 'M_TEKUN'
            when '临时救助' then 'M_TEMP' when '低保边缘' then 'M_EDGE' when '刚性支出困难' then 'M_RIGID'
        end as matter_code
    from register.application as application
    join work.month using (month)
    join area_of using (township_code)
)
select
    'verify_rate' as indicator_id, month, ref_area,
    if(grouping(matter_code) = 1, '_T', matter_code) as category,
    count(verify_reported_on) as numerator, count(*) as denominator
from row_of_month
group by grouping sets ((month, ref_area), (month, ref_area, matter_code))
union all by name
select
    'online_apply_share' as indicator_id, month, ref_area, '_T' as category,
    count(*) filter (where channel = '网上') as numerator, count(*) as denominator
from row_of_month
group by month, ref_area
union all by name
select 'apply_days' as indicator_id, month, ref_area, '_T' as category, list(cast(decided_on - applied_on as double)) as sample
from row_of_month
where decided_on is not null
group by month, ref_area
