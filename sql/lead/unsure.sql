-- One row per rule, month and township that can be judged, but where a list in which somebody must be missing for a lead
-- has shrunk.
select judged.rule_id, judged.month, judged.township_code
from lead.evaluated as judged
join work.month using (month)
join lead_list on lead_list.rule_id = judged.rule_id and lead_list.absent_from
left join covered
    on covered.dataset = lead_list.dataset
    and covered.month = judged.month
    and covered.township_code = judged.township_code
where covered.dataset is null or (lead_list.sized and not covered.full_size)
group by judged.rule_id, judged.month, judged.township_code
