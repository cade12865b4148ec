-- One row per recipient of the two disability subsidies and per person entitled to them.
with recipient as (
    select
        roll.*,
        if(disability_level in ('1', '2', '3', '4'), 'L' || disability_level, 'L_U') as level,
        case disability_type
            when '视力' then 'TY1' when '听力' then 'TY2' when '言语' then 'TY3' when '肢体' then 'TY4'
            when '智力' then 'TY5' when '精神' then 'TY6' when '多重' then 'TY7' else 'TY_U'
        end as type
    from register.pwd_roll as roll
    join work.month using (month)
    where active
),
ranked_card as (
    select
        card.*, work.month.month_end,
        row_number() over (
            partition by month, person_key order by valid_until desc, card_suffix, card_key
        ) as rank
    from register.pwd_card as card
    join work.month using (month)
),
entitled_living as (
    select
        dibao.month, dibao.township_code, dibao.person_key,
        if(card.disability_level in ('1', '2', '3', '4'), 'L' || card.disability_level, 'L_U') as level
    from register.dibao_roll as dibao
    join ranked_card as card
        on card.month = dibao.month and card.person_key = dibao.person_key and card.rank = 1
    where active and card.valid_until >= card.month_end and not coalesce(card.injury_nursing_fee, false)
        and not exists (
            select 1 from on_roll
            where on_roll.month = dibao.month and on_roll.person_key = dibao.person_key and roll in ('tekun', 'child')
        )
),
entitled_care as (
    select month, township_code, person_key, 'L' || disability_level as level
    from ranked_card as card
    where disability_level in ('1', '2') and valid_until >= month_end and long_care_need
        and not coalesce(injury_nursing_fee, false)
        and not exists (
            select 1 from on_roll
            where on_roll.month = card.month and on_roll.person_key = card.person_key and roll = 'tekun'
        )
)
select
    'pwd_living_recipients' as indicator_id, month, township_code, person_key as case_key, sex, age_group(age) as age_group,
    level as category, type as second_category
from recipient
where living_amount > 0
union all by name
select
    'pwd_care_recipients' as indicator_id, month, township_code, person_key as case_key, sex, age_group(age) as age_group,
    level as category, type as second_category
from recipient
where care_amount > 0
union all by name
select 'pwd_living_coverage' as indicator_id, month, township_code, person_key as case_key, level as category
from recipient
where living_amount > 0
union all by name
select 'pwd_care_coverage' as indicator_id, month, township_code, person_key as case_key, level as category
from recipient
where care_amount > 0
union all by name
select
    'pwd_living_coverage' as indicator_id, 'denominator' as part, month, township_code, person_key as case_key, level as category
from entitled_living
union all by name
select
    'pwd_care_coverage' as indicator_id, 'denominator' as part, month, township_code, person_key as case_key, level as category
from entitled_care
