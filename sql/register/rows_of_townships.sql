-- One row per accepted row of the file in force for its month and township; raw.dataset stands for the dataset's table.
select rows.*
from raw.dataset as rows
inner join register.coverage as coverage
    on coverage.dataset = $dataset
   and coverage.month = rows.month
   and coverage.township_code = rows.township_code
   and coverage.intake_no = rows.intake_no
where rows.month in (select month from work.month)
