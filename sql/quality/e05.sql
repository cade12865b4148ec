-- One row per active subsidy that rests on an assessment: the latest one is still valid at the month's end.
with latest as (
    select months.month, assessment.person_key, max(assessment.valid_until) as valid_until
    from register.elder_assess as assessment
    inner join work.month as months on assessment.month <= months.month and assessment.assessed_on <= months.month_end
    group by months.month, assessment.person_key
)

select roll.month, roll.township_code, 'elder_roll' as dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    latest.valid_until < months.month_end as broken
from register.elder_roll as roll
inner join work.month as months on roll.month = months.month
left join latest on roll.month = latest.month and roll.person_key = latest.person_key
where roll.active and roll.subsidy_kind in ('养老服务补贴', '护理补贴', '综合补贴')
