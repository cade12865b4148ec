-- One row per month, person and township: 100 or older, draws the old-age allowance, not seen alive inside the month.
select month, person_key, township_code, string_agg(place, ';' order by place) as evidence
from active_elder
where subsidy_kind = '高龄补贴' and from_100 and not_seen
group by month, person_key, township_code
