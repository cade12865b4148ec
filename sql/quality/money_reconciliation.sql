-- One row per programme, month, township and household (or person): people x standard, the roll's money, and what was paid.
with drawn as (
    select roll.month, roll.township_code, roll.scheme as programme, roll.household_key, roll.person_key,
        standard.monthly as standard_amount, roll.monthly_amount as roll_amount
    from register.dibao_roll as roll
    left join dibao_standard as standard
        on roll.month = standard.month and roll.scheme = standard.scheme and left(roll.township_code, 6) = standard.county_code
    where roll.active and roll.month in (select month from work.month)
    union all
    select roll.month, roll.township_code, '特困基本生活', null, roll.person_key, standard.value, roll.basic_amount
    from register.tekun_roll as roll
    left join in_force_standard as standard
        on roll.month = standard.month and standard.param_code = 'tekun_basic_std'
        and left(roll.township_code, 6) = standard.county_code
    where roll.active and roll.month in (select month from work.month)
    union all
    select roll.month, roll.township_code, '特困照料护理', null, roll.person_key, standard.value, roll.care_amount
    from register.tekun_roll as roll
    left join in_force_standard as standard
        on roll.month = standard.month and left(roll.township_code, 6) = standard.county_code and standard.param_code = 'tekun_care_std' and standard.band = roll.self_care_grade
    where roll.active and roll.month in (select month from work.month)
    union all
    select roll.month, roll.township_code, roll.child_class, null, roll.person_key, standard.value, roll.monthly_amount
    from register.child_roll as roll
    left join in_force_standard as standard
        on roll.month = standard.month and left(roll.township_code, 6) = standard.county_code
        and standard.param_code = case roll.child_class when '孤儿' then 'orphan_std' else 'fact_orphan_std' end
        and standard.band = case roll.child_class when '孤儿' then roll.care_form else '' end
    where roll.active and roll.month in (select month from work.month)
    union all
    select roll.month, roll.township_code, '残疾人生活补贴', null, roll.person_key, standard.value, roll.living_amount
    from register.pwd_roll as roll
    left join in_force_standard as standard
        on roll.month = standard.month and left(roll.township_code, 6) = standard.county_code and standard.param_code = 'pwd_living_std'
        and standard.band = case when roll.disability_level in ('1', '2') then '1-2级' else '3-4级' end
    where roll.active and roll.living_amount > 0 and roll.month in (select month from work.month)
    union all
    select roll.month, roll.township_code, '残疾人护理补贴', null, roll.person_key, standard.value, roll.care_amount
    from register.pwd_roll as roll
    left join in_force_standard as standard
        on roll.month = standard.month and left(roll.township_code, 6) = standard.county_code and standard.param_code = 'pwd_care_std'
        and standard.band = case when roll.disability_level in ('1', '2') then '1-2级' else '3-4级' end
    where roll.active and roll.care_amount > 0 and roll.month in (select month from work.month)
    union all
    select roll.month, roll.township_code, roll.subsidy_kind, null, roll.person_key, null, roll.monthly_amount
    from register.elder_roll as roll
    where roll.active and roll.month in (select month from work.month)
),

household_of as (
    select month, person_key, max(household_key) as household_key
    from register.dibao_roll
    where month in (select month from work.month)
    group by month, person_key
),

paid as (
    select payment.month, payment.township_code, payment.scheme as programme,
        case when payment.scheme in ('城市低保', '农村低保') then household_of.household_key end as household_key,
        payment.person_key, payment.payment_kind, payment.amount_paid
    from register.payment_ledger as payment
    left join household_of on payment.month = household_of.month and payment.person_key = household_of.person_key
    where payment.paid_on is not null and payment.person_key is not null and payment.month in (select month from work.month)
        and payment.scheme not in ('临时救助', '购买服务', '福彩公益金项目', '其他')
),

line as (
    select month, township_code, programme, household_key, case when household_key is null then person_key end as person_key,
        1 as persons, standard_amount, roll_amount,
        0 as regular, 0 as arrears, 0 as price, 0 as recovered
    from drawn
    union all
    select month, township_code, programme, household_key, case when household_key is null then person_key end,
        0, null, 0,
        case when payment_kind in ('基本', '分类施保') then amount_paid else 0 end,
        case when payment_kind = '补发' then amount_paid else 0 end,
        case when payment_kind = '价格临时补贴' then amount_paid else 0 end,
        case when payment_kind = '追回' then amount_paid else 0 end
    from paid
),

unit as (
    select programme, month, township_code, household_key, person_key,
        sum(persons) as persons, sum(standard_amount) as standard_amount, sum(coalesce(roll_amount, 0)) as roll_amount,
        sum(regular) as paid_regular, sum(arrears) as paid_arrears, sum(price) as paid_price_subsidy,
        sum(recovered) as recovered
    from line
    group by programme, month, township_code, household_key, person_key
)

select *, paid_regular + paid_arrears + paid_price_subsidy + recovered - roll_amount as difference,
    paid_regular - roll_amount as unexplained,
    case
        when paid_regular <> roll_amount then 'unexplained'
        when paid_arrears = 0 and paid_price_subsidy = 0 and recovered = 0 then 'agree'
        when paid_price_subsidy = 0 and recovered = 0 then 'arrears'
        when paid_arrears = 0 and recovered = 0 then 'price_subsidy'
        when paid_arrears = 0 and paid_price_subsidy = 0 then 'recovery'
        else 'mixed'
    end as class
from unit
