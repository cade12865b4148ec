-- One row per person whom the ledger cannot explain, with the row where the person was last seen.
select programme, month, township_code, person_key, flow, programme as dataset, intake_no, sheet, row_no
from person_flow
where flow in ('unexplained_in', 'unexplained_out')
