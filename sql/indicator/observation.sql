-- One row per indicator, area, month and cell of the registry: value, status, bounds and definition, settled once for all.
with place as (
    select month, ref_area, level, ref_area as township_code
    from area_in_force
    join work.month using (month)
    union all
    select month, region_code, 'village', township_code from unit where region_level = '村社'
    union all
    select work.month.month, contract_village.ref_area, 'village', township_code
    from work.month
    cross join contract_village
    where left(contract_village.ref_area, 6) not in (select left(region_code, 6) from register.region)
    union
    select distinct month, village_code, 'village', township_code from indicator_case where village_code is not null
),
combined as (
    select
        indicator_id, month, ref_area, residence, sex, age_group, category,
        sum(numerator) as numerator, sum(denominator) as denominator, any_value(sample) as sample,
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
        combined.status as hint, combined.note, sample, list_aggregate(sample, 'median') as value,
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
        and gap.ref_area = place.township_code
    left join column_gap
        on column_gap.dataset = needs_dataset and column_gap.column_name = needs_column and column_gap.reading = 'month'
        and column_gap.month = place.month
        and column_gap.ref_area = place.township_code
    left join without_column
        on without_column.indicator_id = cell.indicator_id and without_column.month = place.month
        and without_column.ref_area = place.township_code
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
-- How far the open units that can be read could lead: in each month in whose list one is open, it is in or out, in one of its
-- readings. Of a rate the furthest value is reached by the first units in the order of their own rate, of a sum by those that add
-- (or take), so that sums along the order do.
reading as (
    select
        open_part.*, way, has_denominator, valued.numerator as told_numerator, valued.denominator as told_denominator,
        valued.sample as told_sample, valued.value as told_value,
        coalesce(open_part.numerator, 0) as more, if(has_denominator, coalesce(open_part.denominator, 0), 0) as wider,
        way * if(wider = 0, sign(more) * 1e300, more / wider) as slope
    from open_part
    join valued
        using (indicator_id, month, ref_area, residence, sex, age_group, category)
    cross join (select unnest([1, -1]) as way)
    where obs_status <> 'M'
),
unit_way as (
    select
        indicator_id, month, ref_area, residence, sex, age_group, category, way, unit, told_month, any_value(has_denominator) as has_denominator, any_value(told_numerator) as told_numerator,
        any_value(told_denominator) as told_denominator, bool_or(unknown) as unknown,
        max(slope) as slope, arg_max(struct_pack(more := more, wider := wider), (slope, way * more)) as step
    from reading
    group by indicator_id, month, ref_area, residence, sex, age_group, category, way, unit, told_month
),
prefix as (
    select
        indicator_id, month, ref_area, residence, sex, age_group, category, way, unknown, has_denominator,
        told_numerator + sum(step.more) over along as numerator, told_denominator + sum(step.wider) over along as denominator
    from unit_way
    window along as (partition by indicator_id, month, ref_area, residence, sex, age_group, category, way order by slope desc, unit, told_month rows unbounded preceding)
    union all
    select distinct indicator_id, month, ref_area, residence, sex, age_group, category, way, false, has_denominator, told_numerator, told_denominator
    from unit_way
),
reached as (
    select
        indicator_id, month, ref_area, residence, sex, age_group, category, bool_or(unknown) as unknown,
        arg_max(prefix, if(has_denominator, numerator / nullif(denominator, 0), numerator)) filter (where way = 1) as most,
        arg_min(prefix, if(has_denominator, numerator / nullif(denominator, 0), numerator)) filter (where way = -1) as least
    from prefix
    group by indicator_id, month, ref_area, residence, sex, age_group, category
),
open_unit as (
    select
        indicator_id, month, ref_area, residence, sex, age_group, category,
        count(distinct unit) filter (where counted_in = '家') as homes, count(distinct unit) filter (where counted_in = '行') as lines,
        count(distinct unit) filter (where counted_in = '行户编号') as homeless
    from open_part
    group by indicator_id, month, ref_area, residence, sex, age_group, category
),
sampled as (
    select
        indicator_id, month, ref_area, residence, sex, age_group, category,
        any_value(told_sample) as told, any_value(told_value) as middle, list(least_day) as least_days, list(most_day) as most_days
    from (
        select
            indicator_id, month, ref_area, residence, sex, age_group, category, unit,
            any_value(told_sample) as told_sample, any_value(told_value) as told_value,
            min(list_min(sample)) as least_day, max(list_max(sample)) as most_day
        from reading
        where way = 1 and sample is not null
        group by indicator_id, month, ref_area, residence, sex, age_group, category, unit
    ) as unit
    group by indicator_id, month, ref_area, residence, sex, age_group, category
),
reach as (
    select
        reached.* exclude (most, least), homes, lines, homeless, most.numerator as most_numerator, most.denominator as most_denominator,
        least.numerator as least_numerator, least.denominator as least_denominator,
        list_aggregate(told || list_filter(least_days, lambda days: days <= middle), 'median') as shortest,
        list_aggregate(told || list_filter(most_days, lambda days: days >= middle), 'median') as longest
    from reached
    join open_unit
        using (indicator_id, month, ref_area, residence, sex, age_group, category)
    left join sampled
        using (indicator_id, month, ref_area, residence, sex, age_group, category)
),
weighed as (
    select
        valued.*, reach.indicator_id is not null as can_be_read,
        coalesce(most_numerator, valued.numerator) as most_n, coalesce(most_denominator, valued.denominator) as most_d,
        coalesce(least_numerator, valued.numerator) as least_n, coalesce(least_denominator, valued.denominator) as least_d,
        coalesce(shortest, valued.value) as shortest, coalesce(longest, valued.value) as longest,
        -- Rows of which only the number is known lead no share beyond the whole.
        if(
            has_denominator, least(coalesce(above, 0), greatest(valued.denominator - valued.numerator, 0)), coalesce(above, 0)
        ) as rows_above,
        coalesce(away, 0) + if(category = '_T', 0, coalesce(shifting, 0)) as rows_away, coalesce(into_both, 0) as rows_both,
        coalesce(below, 0) as rows_below, coalesce(leaving, 0) as rows_leaving,
        coalesce(reach.unknown, false) or coalesce(open_count.unknown, false) as amount_unknown,
        coalesce(homes, 0) as homes_open, coalesce(homeless, 0) as homeless_open, coalesce(lines, 0) + coalesce(open_rows, 0) as lines_open,
        if(effect = 'ratio', 0, coalesce(entering, 0)) as persons_above, if(effect = 'ratio', coalesce(entering, 0), 0) as persons_both,
        coalesce(alone, 0) as persons_below,
        coalesce(above_only, 0) as taken_above, coalesce(below_only, 0) as taken_below, coalesce(both_parts, 0) as taken_both,
        unsettled.indicator_id is not null as unsettled
    from valued
    left join reach
        using (indicator_id, month, ref_area, residence, sex, age_group, category)
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
        using (indicator_id, month, ref_area, residence, sex, age_group, category)
),
-- The ends by open rows alone, and (found) with what unresolved findings could change as well.
ended as (
    select
        *,
        case
            when amount_unknown or obs_status = 'M' then null
            when empty = 'not_applicable' then shortest
            else multiplier * lowest(has_denominator, least_n, least_d, rows_away, rows_both + rows_below, 0)
        end as low,
        case
            when amount_unknown or obs_status = 'M' then null
            when empty = 'not_applicable' then longest
            else multiplier * highest(has_denominator, most_n, most_d, rows_above, rows_both, rows_leaving)
        end as high,
        case
            when amount_unknown or unsettled then null
            else multiplier * lowest(
                has_denominator, least_n, least_d, rows_away + taken_above,
                rows_both + persons_both + rows_below + persons_below, taken_both
            )
        end as low_found,
        case
            when amount_unknown or unsettled then null
            else multiplier * highest(
                has_denominator, most_n, most_d, rows_above + persons_above, rows_both + persons_both, rows_leaving + taken_below
            )
        end as high_found
    from weighed
),
bounded as (
    select
        * exclude (low, high, low_found, high_found),
        if(obs_value is not null or can_be_read, if(low is null or high is null, null, least(low, obs_value)), null) as lower_bound,
        if(obs_value is not null or can_be_read, if(low is null or high is null, null, greatest(high, obs_value)), null) as upper_bound,
        if(obs_value is not null and numerator is not null, least(low_found, obs_value), null) as lowest,
        if(obs_value is not null and numerator is not null, greatest(high_found, obs_value), null) as highest
    from ended
),
told as (
    select
        *,
        case
            when obs_status in ('A', 'E') then amount_unknown or is_material(obs_value, lower_bound, upper_bound, decimals)
            when obs_status = 'L' then can_be_read and lower_bound is not null
            else false
        end as incomplete
    from bounded
)
select
    valued.indicator_id, valued.ref_area, valued.month, 'M' as freq, residence, sex, age_group, category, numerator, denominator,
    obs_value, decimals, unit_measure, if(incomplete and obs_status in ('A', 'E'), 'U', obs_status) as obs_status,
    'F' as conf_status, lower_bound, upper_bound, lowest, highest,
    definition.version as definition_version,
    coalesce(concat_ws(
        ';',
        case when obs_status = 'M' then coalesce(
            unavailable, gap, if(column_absent, '报表缺少所需栏目', null), valued.note, '当月无可用数据'
        ) else valued.note end,
        if(incomplete, '不含' || concat_ws(
            '、', if(homes_open > 0, homes_open || '家', null), if(lines_open > 0, lines_open || '行', null),
            if(homeless_open > 0, homeless_open || '行户编号', null)
        ) || '待更正' || if(amount_unknown, ',数额无法判读', ''), null),
        if(definition.valid_from = valued.month, '口径调整:' || definition.sentence, null)
    ), '') as note
from told as valued
join definition
    on definition.indicator_id = valued.indicator_id and definition.valid_from <= valued.month and valued.month < definition.valid_to
