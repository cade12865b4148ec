-- One row per county, month, person, kind and day of a check inside the county's window of asset_hit_months (CB01-CB04, _G15).
with known as (
    select threshold.county_code, work.month.month, hit.person_key, hit.hit_kind, hit.hit_value, hit.intake_no, hit.sheet, hit.row_no,
        row_number() over (
            partition by threshold.county_code, work.month.month, hit.person_key, hit.hit_kind, hit.checked_on
            order by hit.month desc, hit.intake_no desc, hit.row_no desc
        ) as newest
    from work.month
    join threshold on threshold.month = work.month.month
    join register.asset_hit as hit
        on hit.month <= work.month.month
        and hit.checked_on <= work.month.month_end
        and hit.checked_on > cast(work.month.month_end - to_months(cast(threshold.asset_hit_months as integer)) as date)
)
select county_code, month, person_key, hit_kind, hit_value, 'asset_hit' as dataset, intake_no, sheet, row_no
from known
where newest = 1
