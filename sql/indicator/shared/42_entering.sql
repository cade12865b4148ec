-- One row per indicator, month and area: persons whom unresolved findings would enter; `alone` where into the denominator only.
select
    indicator_id, month, ref_area,
    count(distinct person_key) filter (where part = 'numerator') as entering,
    count(distinct person_key) filter (where part = 'denominator' and not shared) as alone
from unresolved
join finding_effect using (rule_id)
join list_count on list_count.list = finding_effect.target
join area_of using (township_code)
where effect = 'enters' and part <> 'amounts'
group by indicator_id, month, ref_area
