-- One row per rule, month, person and township where rows elsewhere decide: a lead `found` only with them, or one that they
-- have `answered`. `lead_found` is what the rules find with them, `lead.lead` what they found without, for the same persons.
with together as (
    select found.*
    from lead_found as found
    join lead.evaluated as judged
        on judged.rule_id = found.rule_id and judged.month = found.month and judged.township_code = found.township_code
),
alone as (
    select *
    from lead.lead
    where month in (select month from work.month) and person_key in (select person_key from crossing)
)
select rule_id, month, person_key, township_code, evidence, 'found' as standing
from together
anti join alone using (rule_id, month, person_key, township_code)
union all
select rule_id, month, person_key, township_code, evidence, 'answered'
from alone
anti join together using (rule_id, month, person_key, township_code)
