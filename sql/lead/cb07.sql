-- One row per month, person and township: draws the old-age allowance below 70 or after the month of death.
select elder.month, elder.person_key, elder.township_code,
    string_agg(distinct elder.place, ';' order by elder.place) || coalesce(';' || min(dead.place), '') as evidence
from active_elder as elder
left join dead on dead.month = elder.month and dead.person_key = elder.person_key and dead.before_month
where elder.subsidy_kind = '高龄补贴' and (elder.below_70 or dead.person_key is not null)
group by elder.month, elder.person_key, elder.township_code
