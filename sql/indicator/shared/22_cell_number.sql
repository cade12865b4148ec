-- One row per indicator and cell, with a number to count by.
select *, cast(row_number() over (order by indicator_id, residence, sex, age_group, category) as integer) as cell_number
from (select distinct indicator_id, residence, sex, age_group, category from cell)
