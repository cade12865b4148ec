-- One row per month, township and rule of exclusion: persons who draw what excludes each other (SYS-OVERLAP).
select lead.month, lead.township_code, lead.rule_id, count(distinct lead.person_key) as people
from lead.lead as lead
join work.month using (month)
where lead.rule_id in ('CF01', 'CF03', 'CF04', 'CF05')
group by lead.month, lead.township_code, lead.rule_id
