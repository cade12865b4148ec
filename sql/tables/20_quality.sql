-- One row per rule, month and township: how many rows were looked at, how many break the rule.
create table if not exists quality.outcome (
    rule_id varchar,
    suite varchar,
    severity varchar,         -- error or warn
    month varchar,
    township_code varchar,    -- the county's code for a rule that speaks for the county as a whole
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

-- One row per suite, severity and month: what Great Expectations said.
create table if not exists quality.suite_result (
    suite varchar,
    dataset varchar,
    severity varchar,
    blocking boolean,
    month varchar,
    passed boolean,
    evaluated bigint,
    failed_checks varchar,    -- check:count, comma-separated
    sentence_zh varchar
);

-- One row per programme, month and township: opening + entries - exits = closing, and what the roll does not explain.
create table if not exists quality.stock_flow (
    programme varchar,        -- the roll's dataset name
    month varchar,
    township_code varchar,
    opening bigint,           -- persons active the month before; NULL when that month is not covered
    new bigint,
    restored bigint,
    moved_in bigint,
    moved_out bigint,
    exit_income bigint,
    exit_death bigint,
    exit_moved bigint,
    exit_verification bigint,
    exit_voluntary bigint,
    exit_merged bigint,
    exit_other bigint,
    exit_unknown bigint,
    unexplained_in bigint,    -- active now, not before, and neither 新增 nor 恢复
    unexplained_out bigint,   -- active before, not now, and no 停保 row
    closing bigint
);

-- One row per person whom the stock-flow ledger cannot explain, for the bureau only.
create table if not exists quality.stock_flow_gap (
    programme varchar,
    month varchar,
    township_code varchar,
    person_key varchar,
    flow varchar,             -- unexplained_in, unexplained_out or no_number (a person without id number: not followed)
    dataset varchar,
    intake_no bigint,
    sheet varchar,
    row_no integer
);

-- One row per programme, month, township and household (person, where the programme knows no household): roll against money.
create table if not exists quality.money_reconciliation (
    programme varchar,
    month varchar,
    township_code varchar,
    household_key varchar,
    person_key varchar,
    persons bigint,
    standard_amount decimal(18, 2),    -- persons x the standard in force; NULL when the standard is missing
    roll_amount decimal(18, 2),
    paid_regular decimal(18, 2),       -- 基本 and 分类施保
    paid_arrears decimal(18, 2),       -- 补发
    paid_price_subsidy decimal(18, 2), -- 价格临时补贴
    recovered decimal(18, 2),          -- 追回, negative
    difference decimal(18, 2),         -- all money less the roll's amount
    unexplained decimal(18, 2),        -- regular money less the roll's amount
    class varchar                      -- agree, arrears, price_subsidy, recovery, mixed, unexplained
);

-- One row per dataset, month and township: was it expected, when did it come.
create table if not exists quality.completeness (
    dataset varchar,
    month varchar,
    township_code varchar,
    expected boolean,
    due_on date,
    cut_off_on date,
    received_at timestamp,
    rows_accepted bigint,
    rows_quarantined bigint,
    state varchar             -- on_time, after_due, late, missing, not_expected
);

-- One row per indicator, month and place: which of the files it rests on are there.
create table if not exists quality.indicator_input (
    indicator_id varchar,
    month varchar,
    township_code varchar,    -- a township, or the county: then every township counts
    needed bigint,            -- files: datasets x months (x townships for the county)
    received bigint,
    missing_datasets varchar, -- comma-separated
    complete boolean
);
