-- One row per month, person and township of the monitoring list: the risk remains and no scheme helps.
select listed.month, listed.person_key, listed.township_code,
    string_agg(listed.place, ';' order by listed.place) as evidence
from monitored as listed
where not exists (select 1 from assisted as a where a.month = listed.month and a.person_key = listed.person_key)
    and not exists (select 1 from dead where dead.month = listed.month and dead.person_key = listed.person_key)
group by listed.month, listed.person_key, listed.township_code
