-- One row per month and region in force at its end (_G18); of two files the later month, then the later intake, wins.
with latest as (
    select
        region_code, region_level, region_kind, valid_from, valid_to,
        row_number() over (partition by region_code, valid_from order by month desc, intake_no desc, row_no desc) as rank
    from register.region
)
select distinct work.month.month, region_code, left(region_code, 9) as township_code, region_level, region_kind
from latest
join work.month on valid_from <= month_end and (valid_to is null or valid_to > month_end)
where rank = 1 and (region_level in ('乡镇', '村社'))
