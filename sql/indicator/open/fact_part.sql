-- One row per indicator, month, area, cell, open unit and way to read it: what the models of sums gave for the unit alone.
-- Of a rate whose parts come from one model a part that is not told is unknown; where the other part comes from elsewhere it is nothing.
with paired as (
    select distinct indicator_id from indicator_fact where numerator is not null and denominator is not null
)
select
    fact.indicator_id, fact.month, home.ref_area, fact.residence, fact.sex, fact.age_group, fact.category,
    open_unit as unit, row.month as told_month, $counted_in as counted_in, sum(fact.numerator) as numerator, sum(fact.denominator) as denominator,
    any_value(fact.sample) as sample,
    count(fact.numerator) + count(fact.denominator) + count(fact.sample) = 0
        or bool_or(paired.indicator_id is not null) and (count(fact.numerator) = 0 or count(fact.denominator) = 0) as unknown
from open_fact as fact
join open_rows as row on row.area_code = fact.ref_area
join open_input
    on open_input.indicator_id = fact.indicator_id and open_input.dataset = $dataset and by_content and not retold
join real_area_of as home on home.township_code = row.home_code
left join paired on paired.indicator_id = fact.indicator_id
group by fact.indicator_id, fact.month, home.ref_area, fact.residence, fact.sex, fact.age_group, fact.category, open_unit, row.month, row.reading, area_code
