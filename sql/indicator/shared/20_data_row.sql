-- One row per dataset, month and township, or county where rows name no township: rows of the files in force.
select 'application' as dataset, month, township_code, count(*) as row_count
from register.application
join work.month using (month)
group by all
union all
select 'asset_hit' as dataset, month, sender.township_code, count(*) as row_count
from register.asset_hit as told
join register.coverage as sender using (month, intake_no)
join work.month using (month)
where sender.dataset = 'asset_hit'
group by all
union all
select 'care_facility' as dataset, month, township_code, count(*) as row_count
from register.care_facility
join work.month using (month)
group by all
union all
select 'child_roll' as dataset, month, township_code, count(*) as row_count
from register.child_roll
join work.month using (month)
group by all
union all
select 'community_care' as dataset, month, township_code, count(*) as row_count
from register.community_care
join work.month using (month)
group by all
union all
select 'comprehensive_return' as dataset, month, township_code, count(*) as row_count
from register.comprehensive_return
join work.month using (month)
group by all
union all
select 'cpi_series' as dataset, month, sender.township_code, count(*) as row_count
from register.cpi_series as told
join register.coverage as sender using (month, intake_no)
join work.month using (month)
where sender.dataset = 'cpi_series'
group by all
union all
select 'death_list' as dataset, month, sender.township_code, count(*) as row_count
from register.death_list as told
join register.coverage as sender using (month, intake_no)
join work.month using (month)
where sender.dataset = 'death_list'
group by all
union all
select 'dibao_roll' as dataset, month, township_code, count(*) as row_count
from register.dibao_roll
join work.month using (month)
group by all
union all
select 'elder_assess' as dataset, month, township_code, count(*) as row_count
from register.elder_assess
join work.month using (month)
group by all
union all
select 'elder_roll' as dataset, month, township_code, count(*) as row_count
from register.elder_roll
join work.month using (month)
group by all
union all
select 'lowinc_register' as dataset, month, township_code, count(*) as row_count
from register.lowinc_register
join work.month using (month)
group by all
union all
select 'medical_burden' as dataset, month, township_code, count(*) as row_count
from register.medical_burden
join work.month using (month)
group by all
union all
select 'monitored_household' as dataset, month, township_code, count(*) as row_count
from register.monitored_household
join work.month using (month)
group by all
union all
select 'payment_ledger' as dataset, month, township_code, count(*) as row_count
from register.payment_ledger
join work.month using (month)
group by all
union all
select 'policy_param' as dataset, month, sender.township_code, count(*) as row_count
from register.policy_param as told
join register.coverage as sender using (month, intake_no)
join work.month using (month)
where sender.dataset = 'policy_param'
group by all
union all
select 'population' as dataset, month, sender.township_code, count(*) as row_count
from register.population as told
join register.coverage as sender using (month, intake_no)
join work.month using (month)
where sender.dataset = 'population'
group by all
union all
select 'pwd_card' as dataset, month, township_code, count(*) as row_count
from register.pwd_card
join work.month using (month)
group by all
union all
select 'pwd_roll' as dataset, month, township_code, count(*) as row_count
from register.pwd_roll
join work.month using (month)
group by all
union all
select 'region' as dataset, month, sender.township_code, count(*) as row_count
from register.region as told
join register.coverage as sender using (month, intake_no)
join work.month using (month)
where sender.dataset = 'region'
group by all
union all
select 'tekun_roll' as dataset, month, township_code, count(*) as row_count
from register.tekun_roll
join work.month using (month)
group by all
union all
select 'temp_aid' as dataset, month, township_code, count(*) as row_count
from register.temp_aid
join work.month using (month)
group by all
