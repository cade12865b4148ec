-- One row per standard, in force from the first year on.
insert into register.policy_param by name
select (select min(month) from work.month) as month, param_code, nullif(band, '') as band, value, unit,
    date '2020-01-01' as valid_from, date '2019-12-01' as decided_on, 1 as intake_no, row_no
from (values
    ('dibao_std_urban', '', 720, '元/人·月', 1), ('dibao_std_rural', '', 6000, '元/人·年', 2),
    ('tekun_basic_std', '', 1080, '元/人·月', 3), ('tekun_care_std', '全自理', 340, '元/人·月', 4),
    ('tekun_care_std', '半护理', 510, '元/人·月', 5), ('tekun_care_std', '全护理', 850, '元/人·月', 6),
    ('orphan_std', '集中养育', 1900, '元/人·月', 7), ('orphan_std', '社会散居', 1480, '元/人·月', 8),
    ('fact_orphan_std', '', 1480, '元/人·月', 9), ('pwd_living_std', '1-2级', 100, '元/人·月', 10),
    ('pwd_living_std', '3-4级', 50, '元/人·月', 11), ('pwd_care_std', '1-2级', 100, '元/人·月', 12),
    ('old_age_std', '70-79', 110, '元/人·月', 13), ('old_age_std', '80-89', 120, '元/人·月', 14),
    ('old_age_std', '90-99', 140, '元/人·月', 15), ('old_age_std', '100+', 180, '元/人·月', 16),
    ('elder_service_std', '轻度失能', 160, '元/人·月', 17), ('top_up_share', '', 15, '%', 18),
    ('temp_aid_cap_multiple', '', 5, '倍', 19), ('edge_multiple', '', 1.5, '倍', 20), ('tekun_minor_age', '', 18, '岁', 21),
    ('disposable_income_last_year', '', 16000, '元/人·年', 22)
) as standard(param_code, band, value, unit, row_no)
