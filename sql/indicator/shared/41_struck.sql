-- One row per month, list and person whose row an unresolved finding could strike; `one_stays` where one of several rows is right.
select month, target as list, person_key, bool_and(one_stays) as one_stays
from unresolved
join finding_effect using (rule_id)
where effect = 'strikes' and person_key is not null
group by month, target, person_key
