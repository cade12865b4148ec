-- Age groups by completed years (_G07; the elders' own groups as old_age_allowance pins them).
create or replace temp macro age_group(age) as
    case when age < 18 then 'Y0T17' when age < 60 then 'Y18T59' when age >= 60 then 'Y_GE60' end;
create or replace temp macro elder_age_group(age) as
    case
        when age < 70 then 'Y_LT70'
        when age < 80 then 'Y70T79'
        when age < 90 then 'Y80T89'
        when age < 100 then 'Y90T99'
        when age >= 100 then 'Y_GE100'
    end;
-- A village is a 12-digit code; one ending in 000 counts in its township only (_G06).
create or replace temp macro village_of(region_code) as
    case when length(region_code) = 12 and right(region_code, 3) <> '000' then region_code end;
