-- One row per month, person and township of the medical list: own payments over the alert, no scheme, not refused in 12 months.
with refused as (
    select distinct work.month.month, application.person_key
    from work.month
    join register.application as application
        on application.month <= work.month.month
        and application.decided_on <= work.month.month_end
        and application.decided_on > cast(work.month.month_end - to_months(12) as date)
    where application.decision = '不予'
)
select listed.month, listed.person_key, listed.township_code,
    string_agg(
        'medical_burden:' || listed.intake_no || ':' || coalesce(listed.sheet, '') || ':' || listed.row_no, ';'
        order by listed.row_no
    ) as evidence
from register.medical_burden as listed
join threshold on threshold.month = listed.month
where listed.own_payment_ytd >= threshold.medical_alert_multiple * threshold.dibao_std_rural
    and not exists (select 1 from assisted as a where a.month = listed.month and a.person_key = listed.person_key)
    and not exists (select 1 from refused as r where r.month = listed.month and r.person_key = listed.person_key)
    and not exists (select 1 from dead where dead.month = listed.month and dead.person_key = listed.person_key)
group by listed.month, listed.person_key, listed.township_code
