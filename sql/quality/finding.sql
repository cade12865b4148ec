-- One row per broken thing of a rule that could be judged: where it lies, without values.
select tally.rule_id, tally.month, tally.township_code, tally.dataset, tally.person_key, tally.intake_no, tally.sheet, tally.row_no
from tally
inner join verdict
    on tally.rule_id = verdict.rule_id and tally.month = verdict.month and tally.township_code = verdict.township_code
    and verdict.state = 'fail'
where tally.failed > 0
