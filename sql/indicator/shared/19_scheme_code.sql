-- One row per monthly payment scheme: the twelve of payment_ontime_rate and their category code.
select *
from (
    values
    ('城市低保', 'P_DIBAO_U'), ('农村低保', 'P_DIBAO_R'), ('特困基本生活', 'P_TEKUN_BASIC'), ('特困照料护理', 'P_TEKUN_CARE'),
    ('孤儿', 'P_ORPHAN'), ('事实无人抚养儿童', 'P_FACT_ORPHAN'), ('残疾人生活补贴', 'P_PWD_LIVING'),
    ('残疾人护理补贴', 'P_PWD_CARE'), ('高龄补贴', 'P_OLD_AGE'), ('养老服务补贴', 'P_ELDER_SERVICE'),
    ('护理补贴', 'P_ELDER_CARE'), ('综合补贴', 'P_ELDER_COMBINED')
) as scheme_code (scheme, code)
