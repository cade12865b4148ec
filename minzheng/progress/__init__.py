"""Progress of an indicator towards a plan: three methods side by side, how stable the verdict is, what remains."""

from minzheng.progress.cagr import (
    Assessment,
    CombinedScore,
    Status,
    assess_progress,
    combine_scores,
)
from minzheng.progress.path import (
    Gap,
    Goal,
    PathStatus,
    completion,
    goal_of,
    path_status,
    path_value,
    remaining_gap,
)
from minzheng.progress.projection import Projection, project, projection_status
from minzheng.progress.stability import (
    achieved_but_worsening,
    flip_risk,
    status_flips,
    status_stable_since,
)
from minzheng.progress.table import (
    PROGRESS_SCHEMA,
    Verdict,
    progress_notes,
    progress_table,
    verdicts,
)
from minzheng.progress.targets import TARGETS, Due, dues, targets_table

__all__ = [
    "PROGRESS_SCHEMA",
    "Assessment",
    "TARGETS",
    "CombinedScore",
    "Due",
    "Gap",
    "Goal",
    "PathStatus",
    "Projection",
    "Status",
    "Verdict",
    "achieved_but_worsening",
    "assess_progress",
    "combine_scores",
    "completion",
    "dues",
    "flip_risk",
    "goal_of",
    "path_status",
    "path_value",
    "progress_notes",
    "progress_table",
    "project",
    "projection_status",
    "remaining_gap",
    "status_flips",
    "status_stable_since",
    "targets_table",
    "verdicts",
]
