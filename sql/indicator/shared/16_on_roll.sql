-- One row per month, person and roll (dibao, tekun, child) with an active row anywhere in the home's area (_G16).
select distinct month, person_key, 'dibao' as roll from register.dibao_roll join work.month using (month) where active
union all
select distinct month, person_key, 'tekun' from register.tekun_roll join work.month using (month) where active
union all
select distinct month, person_key, 'child' from register.child_roll join work.month using (month) where active
