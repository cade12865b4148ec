-- One row per accepted row of the file in force for its month, where rows name no township; raw.dataset as above.
select rows.*
from raw.dataset as rows
inner join register.coverage as coverage
    on coverage.dataset = $dataset
   and coverage.month = rows.month
   and coverage.intake_no = rows.intake_no
where rows.month in (select month from work.month)
