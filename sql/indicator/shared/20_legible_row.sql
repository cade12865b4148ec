-- One row per quarantined row of which more is kept than its place; `named`: whose it is can be read, where it is a person's.
select 'application' as dataset, intake_no, sheet, row_no, true as named from open.application
union all
select 'care_facility' as dataset, intake_no, sheet, row_no, true as named from open.care_facility
union all
select 'child_roll' as dataset, intake_no, sheet, row_no, age is not null as named from open.child_roll
union all
select 'community_care' as dataset, intake_no, sheet, row_no, true as named from open.community_care
union all
select 'dibao_roll' as dataset, intake_no, sheet, row_no, age is not null as named from open.dibao_roll
union all
select 'elder_roll' as dataset, intake_no, sheet, row_no, age is not null as named from open.elder_roll
union all
select 'lowinc_register' as dataset, intake_no, sheet, row_no, age is not null as named from open.lowinc_register
union all
select 'payment_ledger' as dataset, intake_no, sheet, row_no, true as named from open.payment_ledger
union all
select 'pwd_card' as dataset, intake_no, sheet, row_no, age is not null as named from open.pwd_card
union all
select 'pwd_roll' as dataset, intake_no, sheet, row_no, age is not null as named from open.pwd_roll
union all
select 'tekun_roll' as dataset, intake_no, sheet, row_no, age is not null as named from open.tekun_roll
union all
select 'temp_aid' as dataset, intake_no, sheet, row_no, age is not null as named from open.temp_aid
