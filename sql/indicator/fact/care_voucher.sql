-- One row per month, area and use: face value of the month's care vouchers, issued = used + expired.
with summed as (
    select month, ref_area, sum(issued_amount) as issued, sum(used_amount) as used, sum(expired_amount) as expired
    from register.care_voucher
    join work.month using (month)
    join area_of using (township_code)
    group by month, ref_area
)
select 'care_voucher_issued' as indicator_id, month, ref_area, issued as numerator from summed
union all by name
select 'care_voucher_used' as indicator_id, month, ref_area, used as numerator from summed
union all by name
select 'care_voucher_expired' as indicator_id, month, ref_area, expired as numerator from summed
