-- One row per active elder service subsidy: sixty, of a listed class, assessed, and paid by grade.
with listed as (
    select month, person_key from active_person where dataset in ('dibao_roll', 'tekun_roll')
    union
    select month, person_key from low_income_now
),

assessed as (
    select distinct months.month, assessment.person_key
    from register.elder_assess as assessment
    inner join work.month as months
        on assessment.month <= months.month and assessment.assessed_on <= months.month_end
        and assessment.valid_until >= months.month_end
)

select roll.month, roll.township_code, 'elder_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    roll.age < $age
    or listed.person_key is null
    or assessed.person_key is null
    or coalesce(
        least(abs(roll.monthly_amount - standard.value), abs(roll.monthly_amount - standard.known_value)) > $tolerance, false
    ) as broken
from register.elder_roll as roll
left join listed on roll.month = listed.month and roll.person_key = listed.person_key
left join assessed on roll.month = assessed.month and roll.person_key = assessed.person_key
left join in_force_standard as standard
    on roll.month = standard.month and standard.param_code = 'elder_service_std' and standard.band = roll.ability_grade
    and left(roll.township_code, 6) = standard.county_code
where roll.active and roll.subsidy_kind = '养老服务补贴' and roll.month in (select month from work.month)
