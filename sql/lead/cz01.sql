-- One row per month, person and township: temporary aid above the cap without a decision of its own.
select aid.month, aid.person_key, aid.township_code, string_agg(aid.place, ';' order by aid.place) as evidence
from granted as aid
join threshold on threshold.month = aid.month and threshold.county_code = left(aid.township_code, 6)
where aid.this_month
    and aid.amount > threshold.temp_aid_cap_multiple * threshold.dibao_std_urban and aid.case_by_case is not true
group by aid.month, aid.person_key, aid.township_code
