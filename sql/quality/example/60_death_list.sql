-- One row per death and month: three people who are on no roll.
insert into register.death_list by name
select months.month, 'dead-' || months.month || '-' || series.number as person_key, cast(months.month_start as date) + 3 as died_on,
    '公安' as list_source, cast(months.month_start as date) + 10 as shared_on, 'M' as sex, 80 as age,
    24 as intake_no, '' as sheet, series.number as row_no
from work.month as months
cross join (select unnest(range(3)) as number) as series
