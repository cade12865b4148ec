-- One row per active row of the two-subsidy roll; an absent amount reads as not drawn.
select month, person_key, township_code, coalesce(living_amount, 0) as living_amount,
    coalesce(care_amount, 0) as care_amount, 'pwd_roll' as dataset, intake_no, sheet, row_no
from register.pwd_roll
where month in (select month from work.month) and active
