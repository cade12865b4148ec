-- One row per month, person and township of this month's aid: the third or later within 12 months for the same cause.
-- A cause outside the list (未知) is not known to be the same.
with granted as (
    select month, person_key, township_code, cause, granted_on,
        'temp_aid:' || intake_no || ':' || coalesce(sheet, '') || ':' || row_no as place
    from register.temp_aid
    where cause <> '未知'
),
often as (
    select work.month.month, granted.person_key, granted.cause,
        string_agg(granted.place, ';' order by granted.place) as places
    from work.month
    join granted
        on granted.month <= work.month.month
        and granted.granted_on <= work.month.month_end
        and granted.granted_on > cast(work.month.month_end - to_months(12) as date)
    group by work.month.month, granted.person_key, granted.cause
    having count(*) >= 3
)
select granted.month, granted.person_key, granted.township_code,
    string_agg(distinct often.places, ';' order by often.places) as evidence
from granted
join often
    on often.month = granted.month and often.person_key = granted.person_key and often.cause = granted.cause
group by granted.month, granted.person_key, granted.township_code
