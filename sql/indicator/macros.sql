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
-- The ends of a value: rows that leave (`away`), join the denominator (`below`), both parts, or take both (`taken`) with them.
-- What goes from both parts at once moves a rate one way only: all of it or nothing of it gives the end.
create or replace temp macro lowest(is_rate, n, d, away, below, taken) as
    case
        when is_rate then least((n - away) / nullif(d + below, 0), (n - away - taken) / nullif(d - taken + below, 0))
        else n - least(greatest(n, 0), away)
    end;
create or replace temp macro highest(is_rate, n, d, above, into_both, leaving) as
    if(is_rate, (n + above + into_both) / nullif(d - leaving + into_both, 0), n + above);
-- Whether what is open moves a value so that a reader must know: by more than 1 % and more than two printed units, or across zero.
create or replace temp macro is_material(told, low, high, decimals) as
    greatest(high - told, told - low) > greatest(0.01 * abs(told), 2 * pow(10, -decimals))
    or round(low, decimals) <> round(high, decimals) and (low <= 0 and high > 0 or low < 0 and high >= 0);
