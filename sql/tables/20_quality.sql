-- One row per rule, month and township: how many rows were looked at, how many break the rule.
create table if not exists quality.outcome (
    rule_id varchar,
    suite varchar,
    severity varchar,         -- error or warn
    month varchar,
    township_code varchar,    -- 632224 for the county as a whole
    checked bigint,
    failed bigint,
    state varchar             -- pass, fail, not_evaluated
);

-- Where a failing row lies, for the bureau only: no values.
create table if not exists quality.finding (
    rule_id varchar,
    month varchar,
    township_code varchar,
    dataset varchar,
    person_key varchar,
    intake_no bigint,
    sheet varchar,
    row_no integer
);
