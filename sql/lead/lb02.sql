-- One row per month, person and township of the monitoring list: the risk remains and no scheme helps.
select listed.month, listed.person_key, listed.township_code,
    string_agg(
        'monitored_household:' || listed.intake_no || ':' || coalesce(listed.sheet, '') || ':' || listed.row_no, ';'
        order by listed.row_no
    ) as evidence
from register.monitored_household as listed
join work.month using (month)
where not listed.risk_removed
    and not exists (select 1 from assisted as a where a.month = listed.month and a.person_key = listed.person_key)
    and not exists (select 1 from dead where dead.month = listed.month and dead.person_key = listed.person_key)
group by listed.month, listed.person_key, listed.township_code
