-- One row per month, person and township of the voucher: the person draws a nursing subsidy of the elder roll as well.
select voucher.month, voucher.person_key, voucher.township_code,
    string_agg(distinct voucher.place, ';' order by voucher.place) || ';'
    || string_agg(distinct drawn.place, ';' order by drawn.place) as evidence
from vouchered as voucher
join active_elder as drawn on drawn.month = voucher.month and drawn.person_key = voucher.person_key
where drawn.subsidy_kind in ('护理补贴', '综合补贴')
group by voucher.month, voucher.person_key, voucher.township_code
