-- One row per active child: an orphan is not also de facto unattended.
select roll.month, roll.township_code, roll.dataset, roll.person_key, roll.intake_no, roll.sheet, roll.row_no,
    exists (
        select 1 from active_person as other
        where other.dataset = 'child_roll' and other.month = roll.month and other.person_key = roll.person_key
            and other.kind <> roll.kind
    ) as broken
from active_person as roll
where roll.dataset = 'child_roll'
