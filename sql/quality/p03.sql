-- One row per card on the roll and on the federation's list: type digit and level digit follow, and agree with their columns.
with card as (
    select month, township_code, 'pwd_roll' as dataset, person_key, intake_no, sheet, row_no,
        card_suffix, disability_type, disability_level
    from register.pwd_roll
    where active and month in (select month from work.month)
    union all
    select month, township_code, 'pwd_card', person_key, intake_no, sheet, row_no,
        card_suffix, disability_type, disability_level
    from register.pwd_card
    where month in (select month from work.month)
)

select month, township_code, dataset, person_key, intake_no, sheet, row_no,
    not (
        length(card_suffix) between 2 and 4
        and substr(card_suffix, 1, 1) between '1' and '7'
        and substr(card_suffix, 2, 1) between '1' and '4'
        and coalesce(
            disability_type = case substr(card_suffix, 1, 1)
                when '1' then '视力' when '2' then '听力' when '3' then '言语' when '4' then '肢体'
                when '5' then '智力' when '6' then '精神' when '7' then '多重'
            end or disability_type = '未知', true
        )
        and coalesce(disability_level in (substr(card_suffix, 2, 1), '未知'), true)
    ) as broken
from card
