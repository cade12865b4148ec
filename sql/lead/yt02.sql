-- One row per month, person and township: income per head at or above the yearly standard, outside the grace period, not just reviewed.
select dibao.month, dibao.person_key, dibao.township_code, string_agg(dibao.place, ';' order by dibao.place) as evidence
from active_dibao as dibao
join threshold on threshold.month = dibao.month and threshold.county_code = left(dibao.township_code, 6)
where dibao.income_per_head_year >= case dibao.scheme
        when '农村低保' then threshold.dibao_std_rural
        when '城市低保' then 12 * threshold.dibao_std_urban
    end
    and dibao.single_person_case is not true
    and not dibao.in_grace
    and not dibao.just_reviewed
group by dibao.month, dibao.person_key, dibao.township_code
