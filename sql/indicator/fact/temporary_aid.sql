-- One row per month, area and cause or residence of the aided: person-times and money of the year, median days of the month.
with granted as (
    select
        reading.month, ref_area, person_times, amount,
        case cause
            when '火灾' then 'CAUSE_FIRE' when '交通事故' then 'CAUSE_TRAFFIC' when '意外伤害' then 'CAUSE_INJURY'
            when '重病' then 'CAUSE_ILLNESS' when '教育支出' then 'CAUSE_EDU' when '自然灾害' then 'CAUSE_DISASTER'
            when '其他' then 'CAUSE_OTHER' else 'CAUSE_U'
        end as cause,
        case when local_hukou then 'LOCAL' when not local_hukou then 'NONLOCAL' end as home
    from register.temp_aid as aid
    join window_month as reading on reading.reading = 'year_to_date' and reading.source_month = aid.month
    join area_of using (township_code)
),
summed as (
    select
        month, ref_area,
        case when grouping(cause) = 0 then cause when grouping(home) = 0 then home else '_T' end as category,
        grouping(home) = 1 as by_cause,
        sum(person_times) as times, sum(amount) as amount
    from granted
    group by grouping sets ((month, ref_area), (month, ref_area, cause), (month, ref_area, home))
)
select 'temp_aid_times' as indicator_id, month, ref_area, category, times as numerator from summed
union all by name
select 'temp_aid_level' as indicator_id, month, ref_area, category, amount as numerator, times as denominator
from summed
where by_cause
union all by name
select 'temp_aid_days' as indicator_id, aid.month, ref_area, '_T' as category, list(cast(granted_on - applied_on as double)) as sample
from register.temp_aid as aid
join work.month using (month)
join area_of using (township_code)
group by aid.month, ref_area
