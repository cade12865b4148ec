"""Progress of an indicator towards a plan: three methods side by side, how stable the verdict is, what remains."""

from minzheng.progress.cagr import Assessment, CombinedScore, assess_progress, combine_scores

__all__ = ["Assessment", "CombinedScore", "assess_progress", "combine_scores"]
