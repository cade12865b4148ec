-- One row per month and township: rural hukou on urban dibao (herders in town, clause 3.1.3.s5.f5), and rural hukou living
-- in a community (居委会, village part below 200) but on rural dibao: to be looked at (SYS-AREA-RULE).
select roll.month, roll.township_code,
    count(distinct roll.person_key) filter (where roll.scheme = '城市低保' and roll.hukou = '农村') as herders_on_urban_dibao,
    count(distinct roll.person_key) filter (
        where roll.scheme = '农村低保' and roll.hukou = '农村'
            and length(roll.region_code) = 12
            and right(roll.region_code, 3) between '001' and '199'
    ) as herders_in_town_on_rural_dibao
from register.dibao_roll as roll
join work.month using (month)
where roll.active
group by roll.month, roll.township_code
