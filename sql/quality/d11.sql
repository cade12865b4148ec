-- One row per county's standard and per rural dibao row: yearly and monthly money are not mixed.
select month, county_code as township_code, 'policy_param' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    unit <> case param_code when 'dibao_std_rural' then '元/人·年' else '元/人·月' end as broken
from in_force_standard
where param_code in ('dibao_std_rural', 'dibao_std_urban', 'tekun_basic_std')
union all
select roll.month, left(roll.township_code, 6), 'dibao_roll', roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    roll.monthly_amount > $multiple * standard.monthly
from register.dibao_roll as roll
left join dibao_standard as standard
    on roll.month = standard.month and roll.scheme = standard.scheme and left(roll.township_code, 6) = standard.county_code
where roll.active and roll.scheme = '农村低保' and roll.month in (select month from work.month)
