-- One row per person with a lead in the month and township that an indicator counts (contracts/leads).
with raised as (
    select lead.*
    from lead.lead as lead
    join work.month using (month)
),
counted (indicator_id, rule_id) as (
    values
    ('missed_candidates', 'LB01'), ('missed_candidates', 'LB02'), ('missed_candidates', 'LB03'),
    ('wrong_suspects', 'SW01'), ('wrong_suspects', 'SW02'), ('wrong_suspects', 'CF01'), ('wrong_suspects', 'CF02'),
    ('wrong_suspects', 'CB01'), ('wrong_suspects', 'CB02'), ('wrong_suspects', 'CB03'), ('wrong_suspects', 'CB04'),
    ('wrong_suspects', 'YT02'),
    ('pwd_overlap_errors', 'CF03'), ('pwd_overlap_errors', 'CF04'), ('pwd_overlap_errors', 'CF05')
),
paid_after_death as (
    select distinct raised.month, raised.township_code, raised.person_key, payment.scheme
    from raised
    join register.payment_ledger as payment
        on payment.month = raised.month and payment.township_code = raised.township_code
        and payment.person_key = raised.person_key
    where rule_id = 'SW01' and paid_on is not null and amount_paid > 0 and payment_kind in ('基本', '分类施保', '价格临时补贴')
)
select indicator_id, month, township_code, person_key as case_key, rule_id as category
from raised
join counted using (rule_id)
union all by name
select 'death_paid_persons' as indicator_id, month, township_code, person_key as case_key
from raised
where rule_id = 'SW01'
union all by name
select 'death_paid_persons' as indicator_id, month, township_code, person_key as case_key, scheme_code.code as category
from paid_after_death
join scheme_code using (scheme)
