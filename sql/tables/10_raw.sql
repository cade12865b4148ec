-- What the intake wrote: every file with its verdict, every quarantined row, which files are in force.
create table if not exists work.month (
    month varchar,
    month_start date,
    month_end date,
    previous_month varchar,
    year integer,
    year_start varchar
);

-- One row per file ever seen, as the ledger tells it.
create table if not exists raw.file (
    intake_no bigint,
    name varchar,
    sha256 varchar,
    dataset varchar,
    month varchar,
    scope varchar,            -- county or township
    township_codes varchar,   -- comma-separated, what the file covers
    verdict varchar,
    rows_accepted bigint,
    rows_quarantined bigint,
    rows_not_data bigint,
    amount_accepted decimal(18, 2),
    absent_columns varchar,   -- optional columns the file lacks, comma-separated
    reasons varchar,
    flags varchar,
    received_at timestamp     -- Asia/Shanghai wall clock
);

-- One row per quarantined row and rule.
create table if not exists raw.quarantine (
    intake_no bigint,
    dataset varchar,
    month varchar,
    township_code varchar,
    sheet varchar,
    row_no integer,
    column_name varchar,
    rule_id varchar,
    masked_value varchar,
    sentence varchar
);

-- Which file is in force for a dataset, month and township (_G02, _G19); the county's code where rows name no township.
create table if not exists register.coverage (
    dataset varchar,
    month varchar,
    township_code varchar,
    intake_no bigint,
    first_received_at timestamp,
    absent_columns varchar,
    rows_accepted bigint,
    rows_quarantined bigint
);
