-- One row per indicator, area, month and cell of the registry: value, status, bounds and definition, settled once for all.
with place as (
    select work.month.month, area.ref_area, area.level, area.ref_area as township_code
    from work.month
    cross join area
    union all
    select month, region_code, 'village', township_code from unit where region_level = '村社'
    union all
    select work.month.month, contract_village.ref_area, 'village', township_code
    from work.month
    cross join contract_village
    where not exists (select 1 from register.region)
    union
    select distinct month, village_code, 'village', township_code from indicator_case where village_code is not null
),
combined as (
    select
        indicator_id, month, ref_area, residence, sex, age_group, category,
        sum(numerator) as numerator, sum(denominator) as denominator, max(value) as value,
        case
            when bool_or(status = 'M') then 'M' when bool_or(status = 'E') then 'E' when bool_or(status = 'L') then 'L'
        end as status,
        string_agg(distinct note, ';' order by note) as note
    from indicator_fact
    group by all
),
without_column as (
    select distinct indicator_id, month, ref_area
    from required_column
    join column_gap using (dataset, column_name, reading)
),
framed as (
    select
        cell.*, place.month, place.ref_area, indicator.* exclude (indicator_id),
        gap.note as gap, column_gap.column_name is not null or without_column.indicator_id is not null as column_absent,
        combined.status as hint, combined.note, combined.value,
        if(empty = 'zero', coalesce(numerator, 0), numerator) as numerator,
        if(empty = 'zero' and combined.status is null and has_denominator, coalesce(denominator, 0), denominator) as denominator
    from cell
    join place using (level)
    join indicator using (indicator_id)
    left join combined
        on combined.indicator_id = cell.indicator_id and combined.month = place.month and combined.ref_area = place.ref_area
        and combined.residence = cell.residence and combined.sex = cell.sex and combined.age_group = cell.age_group
        and combined.category = cell.category
    left join gap
        on gap.indicator_id = cell.indicator_id and gap.month = place.month
        and gap.ref_area = if(place.level = 'county', place.ref_area, place.township_code)
    left join column_gap
        on column_gap.dataset = needs_dataset and column_gap.column_name = needs_column and column_gap.reading = 'month'
        and column_gap.month = place.month
        and column_gap.ref_area = if(place.level = 'county', place.ref_area, place.township_code)
    left join without_column
        on without_column.indicator_id = cell.indicator_id and without_column.month = place.month
        and without_column.ref_area = if(place.level = 'county', place.ref_area, place.township_code)
    where not if_unknown or combined.indicator_id is not null
),
judged as (
    select
        *,
        case
            when unavailable is not null or gap is not null or column_absent or hint = 'M' then 'M'
            when empty = 'missing' and hint is null and (numerator is null or has_denominator and denominator is null) then 'M'
            when hint = 'L' or has_denominator and denominator = 0 and (hint is null or empty = 'zero') then 'L'
            when empty = 'not_applicable' and value is null then 'L'
            else coalesce(hint, 'A')
        end as obs_status
    from framed
),
valued as (
    select
        * exclude (numerator, denominator),
        if(obs_status = 'M' or value is not null or empty = 'not_applicable', null, numerator) as numerator,
        if(obs_status = 'M' or not has_denominator, null, denominator) as denominator,
        case
            when obs_status in ('M', 'L') then null
            when empty = 'not_applicable' then value
            when has_denominator then numerator / nullif(denominator, 0) * multiplier
            else numerator * multiplier
        end as obs_value
    from judged
),
weighed as (
    select
        valued.*,
        coalesce(open_rows, 0) as rows_open, coalesce(entering, 0) as persons_in, coalesce(alone, 0) as persons_below,
        coalesce(above_only, 0) as taken_above, coalesce(below_only, 0) as taken_below, coalesce(both_parts, 0) as taken_both,
        unsettled.indicator_id is not null or effect = 'unknown' and rows_open > 0 as unsettled,
        rows_open + persons_in + persons_below + taken_above + taken_below + taken_both > 0 as moves
    from valued
    left join open_count
        on open_count.indicator_id = valued.indicator_id and open_count.month = valued.month
        and open_count.ref_area = if(level = 'village', left(valued.ref_area, 9), valued.ref_area)
    left join entering
        on entering.indicator_id = valued.indicator_id and entering.month = valued.month
        and entering.ref_area = if(level = 'village', left(valued.ref_area, 9), valued.ref_area)
    left join unsettled
        on unsettled.indicator_id = valued.indicator_id and unsettled.month = valued.month
        and unsettled.ref_area = if(level = 'village', left(valued.ref_area, 9), valued.ref_area)
    left join struck_count
        on struck_count.indicator_id = valued.indicator_id and struck_count.month = valued.month
        and struck_count.ref_area = valued.ref_area and struck_count.residence = valued.residence
        and struck_count.sex = valued.sex and struck_count.age_group = valued.age_group
        and struck_count.category = valued.category
),
-- What goes from both parts at once moves a rate one way only: all of it or nothing of it gives the end.
ended as (
    select
        *,
        if(effect in ('ratio', 'unknown'), 0, rows_open) as rows_above,
        if(effect = 'ratio', rows_open + persons_in, 0) as rows_both,
        if(effect = 'either', rows_open, 0) as rows_away,
        numerator - taken_above as kept_above,
        case
            when has_denominator then least(
                kept_above / nullif(denominator + rows_both + persons_below, 0) * multiplier,
                (kept_above - taken_both) / nullif(denominator - taken_both + rows_both + persons_below, 0) * multiplier
            )
            else greatest(kept_above - rows_away, 0) * multiplier
        end as lowest,
        case
            when effect = 'ratio'
                then (numerator + rows_both) / nullif(denominator - taken_below + rows_both, 0) * multiplier
            when has_denominator
                then (numerator + rows_above + persons_in) / nullif(denominator - taken_below, 0) * multiplier
            else (numerator + rows_above + persons_in) * multiplier
        end as highest
    from weighed
)
select
    valued.indicator_id, valued.ref_area, valued.month, 'M' as freq, residence, sex, age_group, category, numerator, denominator,
    obs_value, decimals, unit_measure, obs_status, 'F' as conf_status,
    case when not moves and not unsettled then obs_value when numerator is not null and obs_value is not null and not unsettled then coalesce(lowest, obs_value) end as lower_bound,
    case when not moves and not unsettled then obs_value when numerator is not null and obs_value is not null and not unsettled then coalesce(highest, obs_value) end as upper_bound,
    definition.version as definition_version,
    coalesce(concat_ws(
        ';',
        case when obs_status = 'M' then coalesce(
            unavailable, gap, if(column_absent, '报表缺少所需栏目', null), valued.note, '当月无可用数据'
        ) else valued.note end,
        if(definition.valid_from = valued.month, '口径调整:' || definition.sentence, null)
    ), '') as note
from ended as valued
join definition
    on definition.indicator_id = valued.indicator_id and definition.valid_from <= valued.month and valued.month < definition.valid_to
