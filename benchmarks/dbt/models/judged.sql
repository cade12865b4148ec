-- One row a month and person of all rolls, with what the rules look at; every number is checked once.
with checked as (
    select distinct 身份证号 as number,
        length(身份证号) = 18
        and substr('10X98765432', 1 + (
            7 * try_cast(substr(number, 1, 1) as integer) + 9 * try_cast(substr(number, 2, 1) as integer)
            + 10 * try_cast(substr(number, 3, 1) as integer) + 5 * try_cast(substr(number, 4, 1) as integer)
            + 8 * try_cast(substr(number, 5, 1) as integer) + 4 * try_cast(substr(number, 6, 1) as integer)
            + 2 * try_cast(substr(number, 7, 1) as integer) + 1 * try_cast(substr(number, 8, 1) as integer)
            + 6 * try_cast(substr(number, 9, 1) as integer) + 3 * try_cast(substr(number, 10, 1) as integer)
            + 7 * try_cast(substr(number, 11, 1) as integer) + 9 * try_cast(substr(number, 12, 1) as integer)
            + 10 * try_cast(substr(number, 13, 1) as integer) + 5 * try_cast(substr(number, 14, 1) as integer)
            + 8 * try_cast(substr(number, 15, 1) as integer) + 4 * try_cast(substr(number, 16, 1) as integer)
            + 2 * try_cast(substr(number, 17, 1) as integer)
        ) % 11, 1) = substr(number, 18, 1) as valid,
        try_strptime(substr(number, 7, 8), '%Y%m%d') as born,
        substr(number, 17, 1) in ('1', '3', '5', '7', '9') as male
    from (select distinct 身份证号, 身份证号 as number from {{ ref('roll') }})
)
select 统计月份 as month, left(行政区划代码, 9) as township, 救助类别 as scheme, 户编号 as household, male,
    状态 in ('在保', '新增', '恢复') as active,
    length(身份证号) <> 18 as id_length,
    length(身份证号) = 18 and not coalesce(valid, false) as id_checksum,
    coalesce(valid and try_strptime(出生日期, '%Y-%m-%d') <> born, false) as id_birth_mismatch,
    coalesce(valid and (性别 = '男') <> male, false) as id_sex_mismatch,
    行政区划代码 not in (select code from {{ ref('village') }}) as area_unknown,
    救助类别 is null as blank_scheme,
    coalesce(救助类别 not in ('城市低保', '农村低保'), false) as scheme_unknown,
    状态 not in ('在保', '新增', '恢复', '停保') as status_unknown,
    try_strptime(出生日期, '%Y-%m-%d') is null as date_format,
    not regexp_full_match(起始年月, '\d{4}-\d{2}') as month_format,
    try_cast(月保障金额 as decimal(18, 2)) is null as amount_format,
    try_cast(保障人口数 as integer) is null as number_format
from {{ ref('roll') }}
join checked on checked.number = 身份证号
