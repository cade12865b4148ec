-- What each month was computed from: the fingerprint of the files in force when its indicators were last computed.
create table if not exists work.computed (
    month varchar,
    fingerprint varchar
);

-- Of which rows a step last made a month, where it need not make it again while they are the same.
create table if not exists work.done (
    step varchar,
    month varchar,
    mark varchar
);

-- Months that a blocking check stopped, with the rules that did.
create table if not exists work.blocked (
    month varchar,
    suite varchar,
    rule_ids varchar
);

-- What a stopped month was judged from: until its files change, nobody judges it again by himself.
create table if not exists work.stopped (
    month varchar,
    fingerprint varchar
);

-- What a month's draft was written from; '' once it was taken away because a check stopped the month.
create table if not exists work.drafted (
    month varchar,
    fingerprint varchar
);
