-- One row per month, area and class: persons in monitoring, each in the first class of the list that a row in the area gives.
with member as (
    select month, township_code, person_key, 1 as place from register.tekun_roll join work.month using (month) where active
    union all
    select month, township_code, person_key, 2 from register.dibao_roll join work.month using (month) where active
    union all
    select
        month, township_code, person_key,
        case lowinc_class
            when '低保边缘' then 3 when '刚性支出困难' then 4 when '防返贫监测' then 5 when '申请未通过' then 6
            when '退出两年内' then 7
        end
    from low_income
),
person as (
    select month, ref_area, person_key, min(place) as place
    from member
    join area_of using (township_code)
    group by month, ref_area, person_key
)
select
    'lowinc_monitored' as indicator_id, month, ref_area,
    case
        when grouping(place) = 1 then '_T'
        else ['TEKUN', 'DIBAO', 'EDGE', 'RIGID', 'MONITORED', 'REJECTED', 'EXITED'][place]
    end as category,
    count(*) as numerator
from person
group by grouping sets ((month, ref_area), (month, ref_area, place))
