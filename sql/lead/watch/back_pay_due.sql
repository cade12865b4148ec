-- One row per month, township and standard that was decided after the month it is valid for: people and yuan owed for that
-- month (new less old standard a head), and what was paid as 补发 in and after the month of decision (SYS-STANDARD-VERSIONS).
with version as (
    select sender.township_code as county_code, param.*, row_number() over (
        partition by sender.township_code, param_code, valid_from order by param.month desc, param.intake_no desc, row_no desc
    ) as newest
    from register.policy_param as param
    join register.coverage as sender
        on sender.dataset = 'policy_param' and sender.month = param.month and sender.intake_no = param.intake_no
    where param_code in ('dibao_std_urban', 'dibao_std_rural', 'tekun_basic_std') and band is null
),
late as (
    select new.county_code, new.param_code, new.value, new.valid_from, new.valid_to, new.decided_on,
        arg_max(old.value, old.valid_from) as old_value
    from version as new
    join version as old
        on old.county_code = new.county_code and old.param_code = new.param_code and old.valid_from < new.valid_from and old.newest = 1
    where new.newest = 1 and new.decided_on > last_day(new.valid_from)
    group by new.county_code, new.param_code, new.value, new.valid_from, new.valid_to, new.decided_on
),
owed as (
    select work.month.month, late.county_code, late.param_code, late.decided_on,
        (late.value - late.old_value) / case when late.param_code = 'dibao_std_rural' then 12 else 1 end as rise
    from work.month
    join late
        on late.valid_from <= work.month.month_end
        and (late.valid_to is null or late.valid_to > work.month.month_end)
        and late.decided_on > work.month.month_end
),
head as (
    select month, person_key, township_code,
        case scheme when '城市低保' then 'dibao_std_urban' when '农村低保' then 'dibao_std_rural' end as param_code,
        scheme
    from register.dibao_roll
    where active
    union all
    select month, person_key, township_code, 'tekun_basic_std', '特困基本生活'
    from register.tekun_roll
    where active
),
paid_back as (
    select distinct owed.month, owed.county_code, owed.param_code, payment.person_key, payment.scheme
    from owed
    join register.payment_ledger as payment on payment.month >= strftime(owed.decided_on, '%Y-%m')
    where payment.payment_kind = '补发' and payment.paid_on is not null and payment.amount_paid > 0
)
select head.month, head.township_code, head.param_code,
    count(distinct head.person_key) as people_owed,
    round(sum(owed.rise), 2) as yuan_owed,
    count(distinct paid_back.person_key) as people_paid_back
from head
join owed
    on owed.month = head.month and owed.param_code = head.param_code and owed.county_code = left(head.township_code, 6)
left join paid_back
    on paid_back.month = head.month
    and paid_back.county_code = owed.county_code
    and paid_back.param_code = head.param_code
    and paid_back.scheme = head.scheme
    and paid_back.person_key = head.person_key
group by head.month, head.township_code, head.param_code
