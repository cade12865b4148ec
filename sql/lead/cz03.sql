-- One row per month, person and township: the difference paid is above the monthly standard (twelve times both sides, so that nothing is rounded).
select dibao.month, dibao.person_key, dibao.township_code, string_agg(dibao.place, ';' order by dibao.place) as evidence
from active_dibao as dibao
join threshold on threshold.month = dibao.month and threshold.county_code = left(dibao.township_code, 6)
where 12 * (dibao.monthly_amount - coalesce(dibao.top_up_amount, 0)) > 0.06 + case dibao.scheme
        when '农村低保' then threshold.dibao_std_rural
        when '城市低保' then 12 * threshold.dibao_std_urban
    end
group by dibao.month, dibao.person_key, dibao.township_code
