"""From any sentence of the county's outline to what measures it and where that stands.

`contracts/clauses.csv` cuts sections three and four of the outline (`contracts/outline_2023.txt`) into 248 fragments: I is
measured by indicators, S asks for a system or document, IS for both, N cannot be measured, H is a heading. The tasks behind
S and IS, and what the offices report of them, are `minzheng.progress.tasks`.
"""

import csv
import re
from collections.abc import Iterable
from functools import cache
from typing import Literal

import polars as pl

from minzheng.contracts.datasets import Strict
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.report import words
from minzheng.errors import MinzhengError
from minzheng.progress.tasks import state_zh

Kind = Literal["I", "S", "IS", "N", "H"]
KIND_ZH = {"I": "指标", "S": "制度或系统", "IS": "指标和制度", "N": "不可计量的表述", "H": "标题"}
TRACE_SCHEMA = {
    "clause_id": pl.String,
    "section": pl.String,
    "kind": pl.String,
    "text": pl.String,
    "item_kind": pl.String,  # indicator, task or none
    "item_id": pl.String,
    "time_period": pl.String,
    "obs_value": pl.Float64,
    "obs_status": pl.String,
    "target_value": pl.Float64,
    "status_path": pl.String,
    "status_cagr": pl.String,
    "gap_value": pl.Float64,
    "state": pl.String,
}


class Clause(Strict):
    """One fragment of the outline's text, exactly as printed, misprints included."""

    clause_id: str
    section: str
    sentence: int
    fragment: int
    text: str
    kind: Kind
    indicators: tuple[str, ...]
    system: str | None
    note: str


@cache
def clauses() -> tuple[Clause, ...]:
    """All fragments, in the order of the text."""
    with (CONTRACTS / "clauses.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Clause.model_validate(
                row
                | {"indicators": tuple(row["indicators"].split()), "system": row["system"] or None},
                strict=False,
            )
            for row in csv.DictReader(file)
        )


@cache
def outline() -> str:
    """The outline's text as the county published it."""
    return (CONTRACTS / "outline_2023.txt").read_text(encoding="utf-8")


def text_between_clauses(text: str, fragments: Iterable[Clause]) -> list[str]:
    """What of the text lies between consecutive fragments, spaces removed; the first entry precedes the first fragment.

    Nothing but stops and numbering may lie there, or a sentence of the outline is not accounted for. `MinzhengError`
    names a fragment that is not in the text after its predecessor.
    """
    text, position, between = re.sub(r"\s", "", text), 0, []
    for clause in fragments:
        words = re.sub(r"\s", "", clause.text)
        start = text.find(words, position)
        if start < 0:
            raise MinzhengError(
                f"{clause.clause_id} is not in the outline", f"规划文本中找不到 {clause.clause_id}"
            )
        between.append(text[position:start])
        position = start + len(words)
    return [*between, text[position:]]


def clause_trace(
    observations: pl.DataFrame, progress: pl.DataFrame, tasks: pl.DataFrame
) -> pl.DataFrame:
    """Fragment, kind, what measures it, where that stands: one row per fragment and item, columns of `TRACE_SCHEMA`.

    A fragment with several indicators and tasks has a row for each, one with none has one row (`item_kind` none). The
    county's newest observed total counts, withheld or not, with its period; an indicator never observed keeps its newest status. `state`
    says it in Chinese. `progress` is the table of the same release; an indicator without a plan row shows its value only.
    `tasks` as `minzheng.progress.tasks.task_table` gives them.
    """
    area = min(observations["ref_area"].unique().to_list(), key=len, default=None)
    newest = _newest_totals(observations, area)
    judged = {
        row["indicator_id"]: row
        for row in progress.filter(pl.col("ref_area") == area).iter_rows(named=True)
    }
    behind: dict[str, list[dict]] = {}
    for task in tasks.iter_rows(named=True):
        for clause_id in task["clauses"].split(","):
            behind.setdefault(clause_id, []).append(task)
    rows = []
    for clause in clauses():
        head = {
            "clause_id": clause.clause_id,
            "section": clause.section,
            "kind": clause.kind,
            "text": clause.text,
        }
        items = [
            _indicator_state(code, newest.get(code), judged.get(code)) for code in clause.indicators
        ]
        items += [_task_state(task) for task in behind.get(clause.clause_id, [])]
        rows += [
            head | item for item in items or [{"item_kind": "none", "state": KIND_ZH[clause.kind]}]
        ]
    return pl.DataFrame(rows, schema=TRACE_SCHEMA)


def _newest_totals(observations: pl.DataFrame, area: str | None) -> dict[str, dict]:
    """Per indicator the county's newest total that was observed, also where it is withheld, else its newest row."""
    period = (
        "month"
        if "month" in observations.columns and "time_period" not in observations.columns
        else "time_period"
    )
    totals = [
        pl.col(name) == "_T"
        for name in ("residence", "sex", "age_group", "category")
        if name in observations.columns
    ]
    kept = observations.filter(pl.col("ref_area") == area, *totals).rename({period: "time_period"})
    observed = pl.col("obs_value").is_not_null()
    if "conf_status" in kept.columns:
        observed |= pl.col("conf_status") == "C"
    ordered = kept.sort(observed, "time_period")
    return {row["indicator_id"]: row for row in ordered.iter_rows(named=True)}


def _indicator_state(code: str, observed: dict | None, judged: dict | None) -> dict:
    item = {"item_kind": "indicator", "item_id": code}
    if judged:
        item |= {
            name: judged[name]
            for name in ("target_value", "status_path", "status_cagr", "gap_value")
        }
    if observed:
        item |= {name: observed[name] for name in ("time_period", "obs_value", "obs_status")}
    return item | {"state": _state_zh(observed, judged)}


def _state_zh(observed: dict | None, judged: dict | None) -> str:
    """A few words for where an indicator stands; those of the report."""

    if observed is None:
        return "尚无数据"
    if observed["obs_value"] is None:
        if observed.get("conf_status") == "C":
            return "数值过小,不予公布"
        return "不适用" if observed["obs_status"] == "L" else "缺报"
    if judged and judged["status_path"]:
        return words().status(judged["status_path"])
    if judged and judged["target_value"] is None and judged["status_cagr"]:
        return f"未定目标,趋势{words().trends[judged['status_cagr']].zh}"
    return "已有数据,不作判断"


def _task_state(task: dict) -> dict:
    return {"item_kind": "task", "item_id": task["task_id"], "state": state_zh(task)}
