"""The charts of a release for analysts: Plotly figures from the models the report's pictures are drawn from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from minzheng.errors import MinzhengError
from minzheng.publish.cells import Published
from minzheng.publish.charts.figures import figure
from minzheng.publish.charts.model import progress_chart, townships_chart, trend_chart
from minzheng.publish.plan_line import pictured

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Plots:
    """Plotly figures in the house template, drawn from the same chart models as the report's pictures."""

    published: Published
    code: Callable[[str], str]  # of an indicator given by code or name

    def trend(self, indicator: str) -> "go.Figure":
        """The county's months with the plan's line and projection."""
        return figure(trend_chart(self.published, self.code(indicator)))

    def townships(self, indicator: str) -> "go.Figure":
        """One panel a township on one scale."""
        return figure(townships_chart(self.published, self.code(indicator)))

    def progress(self) -> "go.Figure":
        """Figure 1 of the report: every judged plan indicator; `MinzhengError` where none is."""
        if not pictured(self.published.plan_lines):
            raise MinzhengError(
                "no plan indicator can be judged in this release", "本版没有可评价的规划指标"
            )
        return figure(progress_chart(self.published))
