-- One row per month, township and kind: who draws an elder subsidy that rests on an assessment, and who has none valid at
-- the month's end (clause 3.3.1.s1.f3, SYS-ASSESS). An assessment made in another township counts.
with assessed as (
    select distinct work.month.month, assessment.person_key
    from work.month
    join register.elder_assess as assessment
        on assessment.month <= work.month.month
        and assessment.assessed_on <= work.month.month_end
        and assessment.valid_until >= work.month.month_end
)
select roll.month, roll.township_code, roll.subsidy_kind,
    count(distinct roll.person_key) as people,
    count(distinct roll.person_key) filter (where assessed.person_key is null) as people_without
from register.elder_roll as roll
join work.month on work.month.month = roll.month
left join assessed on assessed.month = roll.month and assessed.person_key = roll.person_key
where roll.active and roll.subsidy_kind in ('养老服务补贴', '护理补贴', '综合补贴')
group by roll.month, roll.township_code, roll.subsidy_kind
