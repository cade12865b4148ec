-- One row per disability card valid at the month's end; `chosen` = 1 marks the card that speaks for a person with several:
-- the latest valid_until, of equals the smaller number (pwd_living_coverage; numbers of one person differ in their suffix).
select month, person_key, township_code, disability_level, long_care_need, injury_nursing_fee,
    row_number() over (
        partition by month, person_key order by valid_until desc, card_suffix nulls first, card_key
    ) as chosen,
    'pwd_card' as dataset, intake_no, sheet, row_no
from register.pwd_card
join work.month using (month)
where valid_until >= month_end
