-- One row per month, person and township of the medical list: own payments over the alert, no scheme, not refused in 12 months.
select listed.month, listed.person_key, listed.township_code,
    string_agg(listed.place, ';' order by listed.place) as evidence
from burdened as listed
where not exists (select 1 from assisted as a where a.month = listed.month and a.person_key = listed.person_key)
    and not exists (
        select 1 from refused as r where r.month = listed.month and r.person_key = listed.person_key and r.within_12
    )
    and not exists (select 1 from dead where dead.month = listed.month and dead.person_key = listed.person_key)
group by listed.month, listed.person_key, listed.township_code
