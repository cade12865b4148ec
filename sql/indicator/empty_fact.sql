-- One row per indicator, month, area, cell and part of its value: the grain of every model in `fact/`, and of what is counted.
-- A model that names no dimension speaks of the total. One that names a dimension gives it a code on every row: an unknown
-- word has a code of its own, and a row without a code, which would be added to the total a second time, is refused.
-- `sample`: the values that a median is taken of.
create or replace temp table indicator_fact (
    indicator_id varchar not null,
    month varchar not null,
    ref_area varchar not null,
    residence varchar not null default '_T',
    sex varchar not null default '_T',
    age_group varchar not null default '_T',
    category varchar not null default '_T',
    numerator double,
    denominator double,
    sample double[],
    status varchar,
    note varchar
)
