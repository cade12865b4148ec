-- One row per person whom the ledger cannot explain, with the row where the person was last seen; `no_number` where nobody
-- can be followed.
select programme, month, township_code, person_key, case when numberless then 'no_number' else flow end as flow, programme as dataset, intake_no, sheet, row_no
from person_flow
where flow in ('unexplained_in', 'unexplained_out')
