-- One row per month and county: spending of the aid funds is not ten points behind the calendar.
select shown.month, shown.ref_area as township_code, 'observation' as dataset,
    null as person_key, null as intake_no, null as sheet, null as row_no,
    shown.obs_value < 100.0 * (cast(substr(shown.month, 6, 2) as integer) - 1) / 12 - $points as broken
from indicator.observation as shown
where shown.indicator_id = 'aid_fund_execution' and length(shown.ref_area) = 6 and shown.month in (select month from work.month)
