-- One row per township and effect: members of low-income households who would be edge households below $new times the
-- standard and are not (entered), or are and would not be (left). In town where the village code says community.
with member as (
    select now.person_key, now.township_code,
        bool_or(now.lowinc_class = '低保边缘') as is_edge,
        min(register.income_per_head_year / 12) as income,
        max(
            if(right(register.region_code, 3) between '001' and '199',
                threshold.dibao_std_urban, threshold.dibao_std_rural / 12)
        ) as standard
    from lowinc_now as now
    join register.lowinc_register as register
        on register.month = now.month and register.person_key = now.person_key and register.township_code = now.township_code
    join threshold on threshold.month = now.month and threshold.county_code = left(now.township_code, 6)
    where now.month = $month
        and not exists (select 1 from active_dibao as d where d.month = now.month and d.person_key = now.person_key)
        and not exists (select 1 from active_tekun as t where t.month = now.month and t.person_key = now.person_key)
    group by now.person_key, now.township_code
),
changed as (
    select township_code, person_key, if(is_edge, 'left', 'entered') as effect
    from member
    where (is_edge and income >= $new * standard)
        or (not is_edge and income >= standard and income < $new * standard)
)
select township_code, effect, count(*) as people, cast(null as decimal(18, 2)) as yuan
from changed
group by township_code, effect
order by township_code, effect
