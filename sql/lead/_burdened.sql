-- One row per row of the medical list whose own payments of the year reach the alert (LB03).
select listed.month, listed.person_key, listed.township_code, 'medical_burden' as dataset,
    listed.intake_no, listed.sheet, listed.row_no
from register.medical_burden as listed
join threshold on threshold.month = listed.month and threshold.county_code = left(listed.township_code, 6)
where listed.own_payment_ytd >= threshold.medical_alert_multiple * threshold.dibao_std_rural
