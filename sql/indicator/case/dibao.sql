-- One row per person or household that counts in a dibao indicator of the month, with its attributes (_G04-_G08).
with active as (
    select
        roll.*,
        work.month.month_start, work.month.month_end,
        if(scheme = '城市低保', 'U', 'R') as residence_of,
        if(scheme = '城市低保', 'urban', 'rural') as kind,
        age_group(age) as age_group,
        case when disability_level in ('1', '2', '3', '4') then 'DIS' when disability_level is null then 'NDIS' else 'DIS_U' end as disabled,
        township_code || household_key as household
    from register.dibao_roll as roll
    join work.month using (month)
    where active
)
select
    'dibao_' || kind || '_persons' as indicator_id, month, township_code, village_of(region_code) as village_code, person_key as case_key,
    sex, age_group, disabled as category
from active
union all by name
select 'dibao_' || kind || '_households' as indicator_id, month, township_code, village_of(region_code) as village_code, household as case_key, person_key
from active
union all by name
select 'dibao_coverage' as indicator_id, month, township_code, person_key as case_key, residence_of as residence
from active
union all by name
select 'dibao_subsidy_' || kind as indicator_id, 'denominator' as part, month, township_code, person_key as case_key
from active
union all by name
select 'herder_urban_dibao' as indicator_id, month, township_code, person_key as case_key
from active
where kind = 'urban' and hukou = '农村'
union all by name
select 'dibao_class_aid_persons' as indicator_id, month, township_code, person_key as case_key
from active
where top_up_amount > 0
union all by name
select 'dibao_single_person' as indicator_id, month, township_code, person_key as case_key
from active
where single_person_case
union all by name
select 'dibao_grace_households' as indicator_id, month, township_code, household as case_key, person_key
from active
where grace_until >= month
union all by name
select 'dibao_review_rate' as indicator_id, 'denominator' as part, month, township_code, household as case_key, person_key
from active
where review_due_on between month_start and month_end
union all by name
select 'dibao_review_rate' as indicator_id, 'numerator' as part, month, township_code, household as case_key, person_key
from active
where review_due_on between month_start and month_end and reviewed_on between month_start and month_end
