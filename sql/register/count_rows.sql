-- One row per file and township of a dataset in the months to compute: its accepted rows; raw.dataset as above.
select
    $dataset as dataset,
    rows.month,
    rows.township_code,
    rows.intake_no,
    count(*) as rows_accepted
from raw.dataset as rows
where rows.month in (select month from work.month)
group by rows.month, rows.township_code, rows.intake_no
