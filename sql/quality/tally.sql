-- One row per broken thing, and one per month and township for all that is in order: a rule's rows, looked at once.
insert into tally
select $rule_id, month, cast(township_code as varchar),
    case when broken then dataset end,
    case when broken then cast(person_key as varchar) end,
    case when broken then cast(intake_no as bigint) end,
    case when broken then cast(sheet as varchar) end,
    case when broken then cast(row_no as integer) end,
    count(broken), count(*) filter (where broken), count(*)
from (
rule_rows
) as looked_at
group by 1, 2, 3, 4, 5, 6, 7, 8
