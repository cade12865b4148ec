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
    PathStatus,
    completion,
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
from minzheng.progress.table import PROGRESS_SCHEMA, progress_notes, progress_table

__all__ = [
    "PROGRESS_SCHEMA",
    "Assessment",
    "CombinedScore",
    "Gap",
    "PathStatus",
    "Projection",
    "Status",
    "achieved_but_worsening",
    "assess_progress",
    "combine_scores",
    "completion",
    "flip_risk",
    "path_status",
    "path_value",
    "progress_notes",
    "progress_table",
    "project",
    "projection_status",
    "remaining_gap",
    "status_flips",
    "status_stable_since",
]
