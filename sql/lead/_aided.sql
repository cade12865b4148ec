-- One row per month, person and township on dibao, else on tekun: where a lead about an asset goes (CB01-CB04).
select month, person_key, township_code, place from active_dibao
union all
select tekun.month, tekun.person_key, tekun.township_code, tekun.place
from active_tekun as tekun
where not exists (
    select 1 from active_dibao as dibao where dibao.month = tekun.month and dibao.person_key = tekun.person_key
)
