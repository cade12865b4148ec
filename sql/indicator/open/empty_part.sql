-- One row per indicator, month, area, cell, open unit, month in whose list it is open and way to read it: what it would add to both parts of the value.
-- `unknown`: it would add an amount that nobody can tell; `sample`: the values it would add to those a median is taken of.
create or replace temp table open_part (
    indicator_id varchar not null,
    month varchar not null,
    ref_area varchar not null,
    residence varchar not null,
    sex varchar not null,
    age_group varchar not null,
    category varchar not null,
    unit varchar not null,
    told_month varchar not null,  -- '' for a thing that is counted once, however many months know it
    counted_in varchar not null,  -- how many such units are told: 家, 行
    numerator double,
    denominator double,
    sample double[],
    unknown boolean not null
)
