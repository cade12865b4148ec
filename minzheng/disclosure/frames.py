"""The frames a release is made of: their columns, types and order (docs/data.md)."""

from dataclasses import dataclass, fields

import polars as pl

from minzheng.errors import MinzhengError
from minzheng.indicators.models import OBSERVATIONS
from minzheng.indicators.movement import MOVEMENT
from minzheng.indicators.revisions import CELL
from minzheng.leads.publishing import LEVELS, MEASURES
from minzheng.progress.clauses import TRACE_SCHEMA
from minzheng.progress.table import PROGRESS_SCHEMA
from minzheng.progress.targets import KEY as TARGET_KEY
from minzheng.progress.targets import TARGETS
from minzheng.progress.tasks import TASKS
from minzheng.warehouse.lineage import FILES, SOURCES

# One row per dataset, township and rule. Rule `completeness` tells the arrival of the dataset's file in its state: on_time,
# after_due (before the cut-off), late, missing, not_expected; the other rules are pass, fail or not_evaluated.
QUALITY = {
    "time_period": pl.String,
    "dataset": pl.String,
    "township_code": pl.String,
    "rule_id": pl.String,
    "title_zh": pl.String,
    "severity": pl.String,
    "checked": pl.Int64,
    "failed": pl.Int64,
    "state": pl.String,
    "received_on": pl.Date,
    "due_on": pl.Date,
}
LEADS = {
    "month": pl.String,
    "township_code": pl.String,
    "rule_id": pl.String,
    "kind": pl.String,
    "level": pl.String,
    "title_zh": pl.String,
    "leads": pl.Int64,
    "open_cases": pl.Int64,
    "overdue": pl.Int64,
    "unsure": pl.Int64,
    "list_age": pl.Int64,
}
REVISIONS = {
    **{name: pl.String for name in CELL},
    "old_value": pl.Float64,
    "new_value": pl.Float64,
    "old_status": pl.String,
    "new_status": pl.String,
    "reason": pl.String,
}
INDICATORS = {
    "indicator_id": pl.String,
    "group": pl.String,
    "name_zh": pl.String,
    "name_en": pl.String,
    "unit_measure": pl.String,
    "decimals": pl.Int32,
    "direction": pl.String,
    "measure": pl.String,  # stock, flow, ytd, rate, standard, flag
    "year_to_date": pl.Boolean,
    "nature": pl.String,
    "definition_zh": pl.String,
}
AREAS = {"code": pl.String, "name_zh": pl.String}
SCHEMAS = {
    "observations": OBSERVATIONS,
    "progress": PROGRESS_SCHEMA,
    "quality": QUALITY,
    "leads": LEADS,
    "lead_levels": LEVELS,
    "lead_measures": MEASURES,
    "revisions": REVISIONS,
    "indicators": INDICATORS,
    "areas": AREAS,
    "movement": MOVEMENT,
    "sources": SOURCES,
    "files": FILES,
    "tasks": TASKS,
    "clauses": TRACE_SCHEMA,
    "targets": TARGETS,
}
KEYS = {
    "observations": CELL,
    "progress": ("indicator_id", "ref_area", "plan_id"),
    "quality": ("time_period", "dataset", "township_code", "rule_id"),
    "leads": ("month", "township_code", "rule_id"),
    "lead_levels": ("month", "township_code", "level"),
    "lead_measures": ("month", "rule_id", "township_code"),
    "revisions": CELL,
    "indicators": ("indicator_id",),
    "areas": ("code",),
    "movement": ("indicator_id", "ref_area", "month"),
    "sources": ("indicator_id", "dataset"),
    "files": ("dataset", "month", "township_code", "intake_no"),
    "tasks": ("task_id",),
    "clauses": ("clause_id", "item_kind", "item_id"),
    "targets": TARGET_KEY,
}
MAIN = ("observations", "progress", "quality", "revisions")
"""Frames whose files lie at the top of a release; the others' lie in `data/`."""
ORIGINS = (
    "movement", "sources", "files", "tasks", "clauses", "lead_levels", "lead_measures", "targets",
)  # fmt: skip
"""Frames that a release may lack (empty then): those before it did, and a recount by others does."""


@dataclass(frozen=True)
class ReleaseFrames:
    """What an edition is made of, or the whole of a month; shaped by `shaped`.

    `revisions` may be None: then they are the cells that changed since the last release. The frames of `ORIGINS` may be None.
    """

    observations: pl.DataFrame
    progress: pl.DataFrame
    quality: pl.DataFrame
    leads: pl.DataFrame
    indicators: pl.DataFrame
    areas: pl.DataFrame
    revisions: pl.DataFrame | None = None
    movement: pl.DataFrame | None = None
    sources: pl.DataFrame | None = None
    files: pl.DataFrame | None = None
    tasks: pl.DataFrame | None = None
    clauses: pl.DataFrame | None = None
    lead_levels: pl.DataFrame | None = None
    lead_measures: pl.DataFrame | None = None
    targets: pl.DataFrame | None = None

    def shaped(self) -> "ReleaseFrames":
        """The same frames with the contract's columns, types and row order; `MinzhengError` where a key repeats."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        given |= {
            name: pl.DataFrame(schema=SCHEMAS[name]) for name in ORIGINS if given[name] is None
        }
        shaped = {
            name: None if frame is None else shape(name, frame) for name, frame in given.items()
        }
        return ReleaseFrames(**shaped)


def shape(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the columns of `SCHEMAS[name]` in their order (null where absent), sorted by its key."""
    schema, key = SCHEMAS[name], KEYS[name]
    missing = [column for column in key if column not in frame.columns]
    if missing:
        raise MinzhengError(
            f"frame {name} lacks {', '.join(missing)}", f"数据表 {name} 缺少列 {'、'.join(missing)}"
        )
    columns = [
        (pl.col(column) if column in frame.columns else pl.lit(None)).cast(dtype).alias(column)
        for column, dtype in schema.items()
    ]
    shaped = frame.select(columns).sort(key, nulls_last=True)
    if shaped.select(key).is_duplicated().any():
        raise MinzhengError(f"frame {name} has a key twice", f"数据表 {name} 中主键重复")
    if name == "observations":
        check_suppressed(shaped)
    return shaped


def check_suppressed(observations: pl.DataFrame) -> None:
    """`MinzhengError` when a withheld cell still carries a number: such a frame must never leave."""
    numbers = ("obs_value", "numerator", "denominator", "lower_bound", "upper_bound")
    told = pl.any_horizontal(pl.col(column).is_not_null() for column in numbers)
    count = observations.filter((pl.col("conf_status") == "C") & told).height
    if count:
        raise MinzhengError(
            f"{count} suppressed cells still carry a value",
            f"有 {count} 个不予公布的单元格仍带数值",
        )
