-- One row per programme, month and township: opening + new + restored + moves in - exits - moves out = closing, gaps apart.
select programme, month, township_code,
    case when bool_or(has_opening) then count(*) filter (where was_active) end as opening,
    count(*) filter (where flow = 'new') as new,
    count(*) filter (where flow = 'restored') as restored,
    count(*) filter (where flow = 'moved_in') as moved_in,
    count(*) filter (where flow = 'moved_out') as moved_out,
    count(*) filter (where flow = 'exit' and stop_reason = '收入超标') as exit_income,
    count(*) filter (where flow = 'exit' and stop_reason = '死亡') as exit_death,
    count(*) filter (where flow = 'exit' and stop_reason = '迁出') as exit_moved,
    count(*) filter (where flow = 'exit' and stop_reason = '核查不符') as exit_verification,
    count(*) filter (where flow = 'exit' and stop_reason = '自愿退出') as exit_voluntary,
    count(*) filter (where flow = 'exit' and stop_reason = '合并') as exit_merged,
    count(*) filter (where flow = 'exit' and stop_reason in ('其他', '未知')) as exit_other,
    count(*) filter (where flow = 'exit' and stop_reason is null) as exit_unknown,
    count(*) filter (where flow = 'unexplained_in') as unexplained_in,
    count(*) filter (where flow = 'unexplained_out') as unexplained_out,
    count(*) filter (where is_active) as closing
from person_flow
group by programme, month, township_code
