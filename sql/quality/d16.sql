-- One row per township: dibao persons moved by no more than a tenth and no more than thirty since the month before.
select month, township_code, 'dibao_roll' as dataset, null as person_key, null as intake_no, null as sheet, null as row_no,
    case
        when bool_or(has_opening)
            then abs(count(*) filter (where is_active) - count(*) filter (where was_active))
                > least($persons, $share * count(*) filter (where was_active))
    end as broken
from person_flow
where programme = 'dibao_roll'
group by month, township_code
