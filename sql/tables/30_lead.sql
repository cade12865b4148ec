-- Leads: one row per rule, month, person and township in which the rule's condition holds (lead_rules.csv, _C1).
create table if not exists lead.lead (
    rule_id varchar,
    month varchar,
    person_key varchar,
    township_code varchar,
    evidence varchar          -- where to look: dataset:intake_no:sheet:row_no, semicolon-separated; no values
);
