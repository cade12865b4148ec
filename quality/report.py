"""The report rules (X01 to X07): what a report prints against the observations, what the public's edition could give away.

The report is drawn as it will be printed; every number in it carries the cell it comes from (`minzheng.publish.report.sentences`).
X08 is judged when a month is frozen, for nobody has signed a draft.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import polars as pl

from minzheng.contracts.indicators import registry
from minzheng.contracts.quality_rules import rules
from minzheng.disclosure.frames import CELL, ReleaseFrames
from minzheng.disclosure.linking import counted, tables, ties
from minzheng.disclosure.rules import rules as disclosure
from minzheng.months import add_months
from minzheng.publish.cell import Cell, Reference
from minzheng.publish.cells import Published, closing_plans, plan_lines
from minzheng.publish.numbers import rounded
from minzheng.publish.plan_line import PlanLine
from minzheng.publish.report.blocks import Note, Paragraph, Report, Table
from minzheng.publish.report.progress_text import progress_table, township_table
from minzheng.publish.report.sentences import Span
from quality import printed

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:%|\*|[(（][EP][)）])?")
CHANGES = {
    "year_to_date": pl.Boolean, "against": pl.String, "unit": pl.String, "base": pl.Float64, "text": pl.String,
}  # fmt: skip
NUMBERS = {"text": pl.String, "value": pl.Float64}
Printed = tuple[Span, str, str]
"""A printed number with the text before and behind it."""


def judge_report(
    frames: ReleaseFrames, report: Report, month: str, before: pl.DataFrame | None
) -> pl.DataFrame:
    """The outcome of X01 to X04 and X07 for `frames` (shaped) and their `report`: rule_id, checked, failed, state.

    `before` are the observations of the release before, None for the first. A rule that had nothing to look at is not
    evaluated.
    """
    published = Published(frames, month)
    told = list(_numbers(report))
    changes = _changes(published, told)
    looked_at = {
        "X01": printed.month_on_month(changes),
        "X02": printed.wording(changes),
        "X03": printed.differs_from_mart(_values(published, told)),
        "X04": printed.unexplained_sums(_sums(published), _notes(report)),
        "X07": _revised(frames, before),
    }
    return _outcomes(looked_at)


def judge_public(observations: pl.DataFrame, month: str) -> pl.DataFrame:
    """The outcome of X05 and X06 for the observations of the public's edition: rule_id, checked, failed, state."""
    return _outcomes(
        {
            "X05": printed.small_counts(_counts(observations), _smallest()),
            "X06": printed.recoverable(*_withheld(observations, month), _smallest()),
        }
    )


def public_checks(observations: pl.DataFrame, quality: pl.DataFrame, month: str) -> pl.DataFrame:
    """The rows of a whole table of checks about withheld figures, judged on the observations of the public's edition."""
    outcomes = judge_public(observations, month)
    rows = quality.filter(pl.col("rule_id").is_in(outcomes["rule_id"].to_list()))
    return with_report_rules(rows, outcomes)


def _outcomes(looked_at: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Rows looked at and found broken by rule; a rule that had nothing to look at is not evaluated."""
    rows = [(rule, frame.height, int(frame["broken"].sum())) for rule, frame in looked_at.items()]
    outcomes = pl.DataFrame(rows, schema=["rule_id", "checked", "failed"], orient="row")
    state = (
        pl.when(pl.col("failed") > 0)
        .then(pl.lit("fail"))
        .when(pl.col("checked") > 0)
        .then(pl.lit("pass"))
    )
    return outcomes.with_columns(state=state.otherwise(pl.lit("not_evaluated")))


def checks_with_report(
    frames: ReleaseFrames, report: Report, month: str, before: pl.DataFrame | None
) -> pl.DataFrame:
    """The table of checks of shaped `frames` with the rules of the report judged; see `judge_report`."""
    return with_report_rules(frames.quality, judge_report(frames, report, month, before))


def with_report_rules(quality: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """The quality frame of a release with the outcomes of the report rules in place of `not_evaluated`."""
    joined = quality.join(
        outcomes, on="rule_id", how="left", suffix="_judged", maintain_order="left"
    )
    names = ("checked", "failed", "state")
    return joined.with_columns(
        pl.coalesce(f"{name}_judged", name).alias(name) for name in names
    ).select(quality.columns)


def _numbers(report: Report) -> Iterator[Printed]:
    """Every number in the paragraphs that comes from a cell, with what stands around it."""
    for block in report.blocks:
        if isinstance(block, Paragraph):
            edge = Span("")
            spans = [edge, *block.spans, edge]
            for (left, span), (_, right) in zip(pairwise(spans), pairwise(spans[1:]), strict=False):
                if span.references and NUMBER.fullmatch(span.text):
                    yield span, left.text, right.text


def _cell(published: Published, reference: Reference) -> Cell:
    parts = dict(part.split("=") for part in reference.breakdown.split(";") if part)
    return published.cell(
        reference.indicator_id, reference.ref_area, reference.time_period, **parts
    )


def _changes(published: Published, figures: Sequence[Printed]) -> pl.DataFrame:
    """The printed changes: numbers that come from two cells."""
    rows = []
    for span, _, behind in figures:
        if len(span.references) == 2:
            now, base = (_cell(published, reference) for reference in span.references)
            meta = published.indicators.get(now.reference.indicator_id, {})
            month_before = add_months(now.reference.time_period, -1) == base.reference.time_period
            unit = printed.POINTS if behind.startswith(printed.POINTS) else ""
            against = "mom" if month_before else "yoy"
            rows.append(
                (bool(meta.get("year_to_date")), against, now.unit, base.value, span.text + unit)
            )
    return pl.DataFrame(rows, schema=CHANGES, orient="row")


def _values(published: Published, figures: Sequence[Printed]) -> pl.DataFrame:
    """The printed numbers of text and attachments with the values behind them."""
    rows = [(span.text, _value(published, span, before)) for span, before, _ in figures]
    lines = _lines(published)
    for line, spans in zip(lines, progress_table(lines).rows, strict=True):
        facts = line.verdict
        values = [facts.baseline_value, line.cell.value, facts.target_value, line.gap]
        values += [
            None if share is None else 100 * share for share in (facts.completion, line.advance)
        ]
        rows += [
            (span.text, value)
            for span, value in zip(spans[3:9], values, strict=True)
            if NUMBER.fullmatch(span.text)
        ]
    for row in township_table(published).rows:
        spans = [span for span in row[2:] if NUMBER.fullmatch(span.text)]
        rows += [(span.text, _cell(published, span.references[0]).value) for span in spans]
    return pl.DataFrame(rows, schema=NUMBERS, orient="row")


def _value(published: Published, span: Span, before: str) -> float | None:
    """What a number in the text stands for: a cell, the growth or difference of two, or the way to a target."""
    cells = [_cell(published, reference) for reference in span.references]
    now = cells[0]
    if before.endswith(("还差", "多")) and len(cells) == 1:
        return next(line.gap for line in _lines(published) if line.cell.reference == now.reference)
    if len(cells) == 1:
        return now.value
    if now.value is None or cells[1].value is None:
        return None
    if span.text.endswith("%"):
        return abs(now.value / cells[1].value - 1) * 100
    return float(abs(rounded(now.value, now.decimals) - rounded(cells[1].value, now.decimals)))


def _lines(published: Published) -> list[PlanLine]:
    """The plan indicators that the report's text and attachments print, of the month's plan and of those ended."""
    ended = [plan_lines(published, one.plan) for one in closing_plans(published)]
    return sum(ended, published.plan_lines)


def _sums(published: Published) -> pl.DataFrame:
    """Rows of the township table whose values add up to the county's, as printed."""
    rows = []
    for row in township_table(published).rows:
        cells = [_cell(published, span.references[0]) for span in row[2:]]
        values = [cell.value for cell in cells]
        if None not in values and abs(sum(values[1:]) - values[0]) < 1e-9 * (1 + abs(values[0])):
            rows.append((cells[0].printed, [cell.printed for cell in cells[1:]]))
    return pl.DataFrame(
        rows, schema={"total": pl.String, "parts": pl.List(pl.String)}, orient="row"
    )


def _notes(report: Report) -> str:
    """The notes under the attachments' tables."""
    under = [
        after
        for table, after in pairwise(report.blocks)
        if isinstance(table, Table) and isinstance(after, Note)
    ]
    return "".join(note.text for note in under)


def _smallest() -> float:
    return next(threshold.value for threshold in rules()["X05"].thresholds)


def _people(observations: pl.DataFrame) -> pl.DataFrame:
    """The cells that count people, as disclosure control sees them."""

    return counted(observations, registry(), disclosure())


def _counts(observations: pl.DataFrame) -> pl.DataFrame:
    """Printed numerators that count people in a township or a village."""
    small = _people(observations).filter(
        pl.col("counts_n") & (pl.col("ref_area").str.len_chars() > 6)
    )
    return small.filter(pl.col("conf_status") != "C", pl.col("numerator").is_not_null()).select(
        count="numerator"
    )


def _withheld(observations: pl.DataFrame, month: str) -> tuple[dict, list[dict]]:
    """The month's counts of people by name, None where withheld, and the sums that tie them exactly."""

    now = tables(_people(observations.filter(pl.col("time_period") == month)), disclosure())
    exact = [
        tie
        for tie in ties(now, None, disclosure(), frozenset())
        if not tie.at_most and not tie.approximate
    ]
    sums = [{str(count): sign for count, sign in tie.terms.items()} for tie in exact]
    return {str(count): value for count, value in now.value.items()}, sums


def _revised(frames: ReleaseFrames, before: pl.DataFrame | None) -> pl.DataFrame:
    """Cells of issued months that differ from the release before, by value or by what is said instead of one."""
    if before is None:
        return pl.DataFrame(schema={"broken": pl.Boolean})
    told = (
        pl.when(pl.col("conf_status") == "C")
        .then(pl.lit("C"))
        .otherwise(pl.col("obs_status").replace("P", "A"))
    )
    old, new = (
        frame.select(*CELL, "obs_value", told=told) for frame in (before, frames.observations)
    )
    both = old.join(new, on=list(CELL), how="inner", suffix="_new")
    differs = pl.col("obs_value").ne_missing(pl.col("obs_value_new")) | pl.col("told").ne_missing(
        pl.col("told_new")
    )
    return printed.unexplained_revisions(both.filter(differs), frames.revisions, CELL)
