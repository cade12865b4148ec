-- One row per month and person in any scheme (LB02, LB03): dibao, tekun, child, edge or rigid expenditure.
select month, person_key from active_dibao
union
select month, person_key from active_tekun
union
select month, person_key from active_child
union
select month, person_key from lowinc_now where lowinc_class in ('低保边缘', '刚性支出困难')
