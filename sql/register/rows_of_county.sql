-- One row per accepted row of a file in force for its month and some county, where rows name no township; raw.dataset as above.
select rows.*
from raw.dataset as rows
semi join register.coverage as coverage
    on coverage.dataset = $dataset
   and coverage.month = rows.month
   and coverage.intake_no = rows.intake_no
where rows.month in (select month from work.month)
