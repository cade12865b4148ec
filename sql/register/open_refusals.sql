-- One row per refused or held file, with the later accepted files of the same name or of the same dataset and month: what may
-- close it.
select
    refused.intake_no,
    refused.name,
    refused.dataset,
    refused.month,
    refused.reasons,
    refused.received_at,
    case when refused.verdict = 'hold' then refused.township_codes end as townships,
    count(later.intake_no) filter (where later.name = refused.name) as of_same_name,
    string_agg(later.township_codes, ',') filter (
        where later.dataset = refused.dataset and later.month = refused.month
    ) as covered_since
from raw.file as refused
left join raw.file as later
    on later.intake_no > refused.intake_no
   and later.verdict in ('accept', 'accept_partial', 'supersede')
   and (later.name = refused.name or later.dataset = refused.dataset)
where refused.verdict in ('reject_file', 'hold')
group by all
order by refused.intake_no
