-- Leads: one row per rule, month, person and township in which the rule's condition holds (_C1).
create table if not exists lead.lead (
    rule_id varchar,
    month varchar,
    person_key varchar,
    township_code varchar,
    evidence varchar          -- where to look: dataset:intake_no:sheet:row_no, semicolon-separated; no values
);
-- Where a rule could be judged (_C3): one row per rule, month and township. Without a row, no lead means "not known".
create table if not exists lead.evaluated (
    rule_id varchar,
    month varchar,
    township_code varchar,
    opened_on date,           -- the day the lists were first there, for leads of this month
    complete boolean,         -- every list covers the township and none has shrunk to under 60 %: absence may end a case
    list_age integer          -- months since the oldest list the rule rests on
);
-- Where a list in which somebody must be missing for a lead has not come in full: leads there may be nothing but that.
create table if not exists lead.unsure (
    rule_id varchar,
    month varchar,
    township_code varchar
);
-- Cases: one row per rule, person, township and month from the first lead on, as the case stood at that month's end.
create table if not exists lead.case_month (
    case_id varchar,          -- the same for ever: a digest of rule, person key and township
    rule_id varchar,
    month varchar,
    person_key varchar,
    township_code varchar,
    first_month varchar,      -- first month of the first lead
    opened_month varchar,     -- first month of the present episode
    opened_on date,
    due_on date,
    state varchar,            -- contracts/lead_states.yaml
    reason varchar,           -- why it disappeared
    outcome_code varchar,     -- contracts/lead_outcomes.yaml
    decided_on date,
    last_month varchar,       -- last month in which the condition held
    last_evaluated varchar    -- last month in which the rule could be judged
);
-- Cases as they stand now: one row per case.
create or replace view lead.case as
select * from lead.case_month where month = (select max(month) from lead.case_month);
-- What townships found: one row per entry, never changed (append-only); the last entry of an episode counts.
create table if not exists lead.outcome (
    outcome_no bigint,        -- in order of entry
    case_id varchar,
    rule_id varchar,
    person_key varchar,
    township_code varchar,
    month varchar,            -- the list the entry answers
    code varchar,
    decided_on date,
    recorded_at timestamp,    -- Asia/Shanghai wall clock
    source varchar            -- digest of the workbook
);
-- Near matches: one row per pair of different persons that may be one. Never merged, never a lead.
create table if not exists lead.near_match (
    month varchar,
    dataset_left varchar,
    person_key_left varchar,
    dataset_right varchar,
    person_key_right varchar,
    score double,             -- probability of a match by the linkage model, 0-1
    ground varchar            -- id_number or name
);
-- Low-income register: every person of any class once a month, in the class of highest priority (SYS-MONITOR, SYS-CLASSES).
create table if not exists lead.lowinc_person (
    month varchar,
    person_key varchar,
    township_code varchar,
    class varchar             -- tekun, dibao, edge, rigid, monitored, refused, exited
);
-- Who came in, changed class or left between the month before with files and this month.
create table if not exists lead.lowinc_movement (
    month varchar,
    person_key varchar,
    township_code varchar,
    movement varchar,         -- entered, changed, left
    previous_class varchar,
    class varchar,
    reason varchar            -- entering: new or back; leaving: died, the stop reason, left_register, window_over or not_listed
);
-- What-if runs: one row per run, month and township, kept to be compared with what happened.
create table if not exists lead.what_if (
    run_no bigint,
    asked_at timestamp,       -- Asia/Shanghai wall clock
    month varchar,
    param_code varchar,
    band varchar,
    value decimal(18, 4),
    township_code varchar,
    effect varchar,           -- more, less, entered, left, flagged
    people bigint,
    yuan decimal(18, 2)       -- change of one month's benefit
);
-- What the next month need not judge again: one row per person of the month judged last whom no rule found.
create table if not exists lead.cleared (
    month varchar,
    under varchar,            -- a digest of the rules' texts and the parameters: under others it says nothing
    facts ubigint             -- a fingerprint of everything the rules saw of the person, and of who it is
);
