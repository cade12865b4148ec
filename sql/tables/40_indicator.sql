-- Observations: one row per indicator, area, month and breakdown, unsuppressed. Published ones go through disclosure control.
create table if not exists indicator.observation (
    indicator_id varchar,
    ref_area varchar,
    month varchar,            -- published as time_period
    freq varchar,
    residence varchar,
    sex varchar,
    age_group varchar,
    category varchar,
    numerator double,
    denominator double,
    obs_value double,
    decimals integer,
    unit_measure varchar,
    obs_status varchar,
    conf_status varchar,
    lower_bound double,       -- the ends that open rows could lead to
    upper_bound double,
    lowest double,            -- the ends with unresolved findings and open leads decided too
    highest double,
    definition_version varchar,
    note varchar
);
