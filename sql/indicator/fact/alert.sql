-- One row per month and area: cases still pending, cases due in the month decided in time, and days from lead to first aid.
with judged as (
    select work.month.month, month_start, month_end, ref_area
    from work.month
    cross join area
    where exists (select 1 from lead.evaluated where evaluated.month = work.month.month)
),
case_in as (
    select
        stage.month, ref_area, state, decided_on, due_on, opened_on, person_key, rule_id,
        rule_id in ('LB01', 'LB02', 'LB03') as missed_person, rule_id like 'LB%' or rule_id like 'YX%' as unaided
    from lead.case_month as stage
    join work.month using (month)
    join area_of using (township_code)
),
due as (
    select
        judged.month, judged.ref_area,
        count(*) filter (where state in ('open', 'reopened', 'acknowledged')) as pending,
        count(*) filter (where due_on between month_start and month_end and state <> 'disappeared') as due,
        count(*) filter (where due_on between month_start and month_end and state <> 'disappeared' and decided_on <= due_on)
            as in_time,
        count(*) filter (where due_on between month_start and month_end and state <> 'disappeared' and missed_person) as missed_due,
        count(*) filter (
            where due_on between month_start and month_end and state <> 'disappeared' and missed_person and decided_on <= due_on
        ) as missed_in_time
    from judged
    left join case_in on case_in.month = judged.month and case_in.ref_area = judged.ref_area
    group by judged.month, judged.ref_area
),
first_aid as (
    select case_in.month, ref_area, case_in.rule_id, case_in.person_key, opened_on, min(paid_on) as paid_on
    from case_in
    join register.payment_ledger as payment
        on payment.person_key = case_in.person_key and payment.month <= case_in.month and payment.paid_on >= opened_on
    where unaided and amount_paid > 0
    group by all
)
select 'alert_open' as indicator_id, month, ref_area, pending as numerator from due
union all by name
select 'alert_closed_rate' as indicator_id, month, ref_area, in_time as numerator, due as denominator from due
union all by name
select 'missed_resolved_rate' as indicator_id, month, ref_area, missed_in_time as numerator, missed_due as denominator from due
union all by name
select 'alert_to_aid_days' as indicator_id, judged.month, judged.ref_area, list(cast(paid_on - opened_on as double)) filter (where paid_on is not null) as sample
from judged
left join first_aid
    on first_aid.month = judged.month and first_aid.ref_area = judged.ref_area and paid_on between month_start and month_end
group by judged.month, judged.ref_area
union all by name
select 'alert_to_aid_days' as indicator_id, work.month.month, ref_area, 'M' as status
from work.month
cross join area
where not exists (
    select 1 from lead.evaluated where evaluated.month = work.month.month
)
