-- One row per place: vagrants brought home are not more than those whose identity was found.
select home.month, home.township_code, 'comprehensive_return' as dataset, null as person_key,
    home.intake_no, home.sheet, home.row_no,
    case
        when home.month_value_mark = 'number' and found.month_value_mark = 'number'
            then home.month_value > found.month_value
    end as broken
from register.comprehensive_return as home
inner join register.comprehensive_return as found
    on home.month = found.month and home.township_code = found.township_code and found.item_code = 'vagrant_return_rate_d'
where home.item_code = 'vagrant_return_rate_n' and home.month in (select month from work.month)
