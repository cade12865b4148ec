"""The rules of the report: for each a planted violation that is found and the clean twin that is spared."""

from dataclasses import replace

import polars as pl
import pytest

from minzheng.publish.report.blocks import Paragraph
from minzheng.publish.report.building import build_report
from minzheng.publish.report.sentences import Span
from quality import printed
from quality.report import judge_report, with_report_rules
from tests.conftest import read_drawing
from tests.site.county import frames as county_frames

MONTH = "2024-03"


def drawn(drawing: str, **types) -> pl.DataFrame:
    headings, rows = read_drawing(drawing)
    frame = pl.DataFrame(rows, schema={name: pl.String for name in headings}, orient="row")
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in types.items())


def test_a_running_total_is_not_compared_with_the_month_before():
    changes = drawn("""
        year_to_date | against | broken
        1            | mom     | 1
        1            | yoy     | 0
        0            | mom     | 0
        0            | yoy     | 0
    """).with_columns(pl.col("year_to_date") == "1", expected=pl.col("broken") == "1")
    judged = printed.month_on_month(changes)
    assert judged["broken"].to_list() == judged["expected"].to_list()


@pytest.mark.parametrize(
    ("unit", "base", "text", "broken"),
    [
        ("%", 50.0, "1.5个百分点", False),
        ("%", 50.0, "1.5%", True),
        ("%", 50.0, "1.5", True),
        ("人", 50.0, "5.3%", False),
        ("人", 50.0, "26", False),
        ("人", 50.0, "5.3个百分点", True),
        ("人", 0.0, "100.0%", True),
        ("人", 0.0, "-", False),
        ("人", 0.0, "4", False),
    ],
)
def test_rates_change_by_points_counts_by_per_cent_and_nothing_grows_from_zero(
    unit, base, text, broken
):
    changes = pl.DataFrame({"unit": [unit], "base": [base], "text": [text]})
    assert printed.wording(changes)["broken"].to_list() == [broken]


@pytest.mark.parametrize(
    ("text", "value", "broken"),
    [
        ("12.5", 12.45, False),
        ("12.5", 12.54, False),
        ("12.5", 12.56, True),
        ("12.5", 12.44, True),
        ("12", 12.5, False),
        ("12", 12.51, True),
        ("48.0%", 48.04, False),
        ("80.00(E)", 80.0, False),
        ("-3", -3.2, False),
        ("3", -3.0, True),
        ("0", None, True),
    ],
)
def test_a_printed_number_is_the_value_at_the_digits_it_is_printed_with(text, value, broken):
    numbers = pl.DataFrame(
        {"text": [text], "value": [value]}, schema={"text": pl.String, "value": pl.Float64}
    )
    assert printed.differs_from_mart(numbers)["broken"].to_list() == [broken]


@pytest.mark.parametrize(
    ("total", "parts", "note", "broken"),
    [
        ("10.1", ["3.3", "3.3", "3.4"], "", True),
        ("10.1", ["3.3", "3.3", "3.4"], "注:分项与合计未作机械调整。", False),
        ("10.0", ["3.3", "3.3", "3.4"], "", False),
    ],
)
def test_rounded_parts_that_miss_their_sum_need_the_note(total, parts, note, broken):
    sums = pl.DataFrame({"total": [total], "parts": [parts]})
    assert printed.unexplained_sums(sums, note)["broken"].to_list() == [broken]


def test_one_to_four_persons_are_not_printed_and_none_or_five_are():
    counts = pl.DataFrame({"count": [0.0, 1.0, 4.0, 5.0, 120.0, None]})
    assert printed.small_counts(counts, 5)["broken"].to_list() == [
        False,
        True,
        True,
        False,
        False,
        False,
    ]


SUMS = [
    {"all": 1, "a": -1, "b": -1, "c": -1},
    {"a": 1, "a women": -1, "a men": -1},
    {"b": 1, "b women": -1, "b men": -1},
]


@pytest.mark.parametrize(
    ("withheld", "found"),
    [
        ({"a"}, {"a": 3}),
        ({"a", "b"}, {"a": 3, "b": 13}),
        ({"a women"}, {"a women": 2}),
        ({"a women", "a men"}, {}),
        ({"a", "b", "a women", "b men"}, {}),
        ({"a", "b women"}, {"a": 3, "b women": 6}),
        ({"a", "a women"}, {"a": 3, "a women": 2}),
    ],
)
def test_a_cell_alone_in_a_row_or_column_is_recovered_and_so_is_what_follows_from_it(
    withheld, found
):
    counts = {
        "all": 30,
        "a": 3,
        "b": 13,
        "c": 14,
        "a women": 2,
        "a men": 1,
        "b women": 6,
        "b men": 7,
    }
    shown = {name: None if name in withheld else count for name, count in counts.items()}
    told = printed.recoverable(shown, SUMS, 5)
    assert set(told["cell"]) == withheld
    assert (
        dict(told.filter(pl.col("found").is_not_null()).select("cell", "found").iter_rows())
        == found
    )
    assert set(told.filter("broken")["cell"]) == {
        name for name, count in found.items() if count < 5
    }


def test_a_revised_cell_is_told_with_a_reason():
    changed = pl.DataFrame({"indicator_id": ["a", "b", "c", "d"]})
    told = pl.DataFrame({"indicator_id": ["a", "b", "c"], "reason": ["late", "", None]})
    judged = printed.unexplained_revisions(changed, told, ["indicator_id"])
    assert dict(judged.select("indicator_id", "broken").iter_rows()) == {
        "a": False,
        "b": True,
        "c": True,
        "d": True,
    }


def test_preparer_reviewer_and_head_are_named():
    judged = printed.unsigned({"填报人": "虚构甲", "审核人": " ", "负责人": None})
    assert dict(judged.iter_rows()) == {"填报人": False, "审核人": True, "负责人": True}


def outcomes(frames, report, before=None) -> dict[str, str]:
    return dict(judge_report(frames, report, MONTH, before).select("rule_id", "state").iter_rows())


@pytest.fixture(scope="module")
def frames():
    return county_frames().shaped()


@pytest.fixture(scope="module")
def report(frames):
    return build_report(frames, MONTH)


def test_a_report_as_it_is_printed_breaks_no_rule(frames, report):
    told = outcomes(frames, report, frames.observations)
    assert set(told.values()) <= {"pass", "not_evaluated"}
    assert told["X03"] == "pass"


def test_a_number_that_was_changed_by_hand_is_found(frames, report):
    at, paragraph = next(
        (at, block)
        for at, block in enumerate(report.blocks)
        if isinstance(block, Paragraph)
        and any(span.references and span.text.isdigit() for span in block.spans)
    )
    spans = list(paragraph.spans)
    hit = next(i for i, span in enumerate(spans) if span.references and span.text.isdigit())
    spans[hit] = Span(str(int(spans[hit].text) + 1), spans[hit].references)
    blocks = [*report.blocks[:at], replace(paragraph, spans=tuple(spans)), *report.blocks[at + 1 :]]
    assert outcomes(frames, replace(report, blocks=tuple(blocks)))["X03"] == "fail"


def test_a_cell_that_changed_without_a_word_is_found(frames, report):
    before = frames.observations.with_columns(
        obs_value=pl.when(pl.int_range(pl.len()) == pl.col("obs_value").is_not_null().arg_max())
        .then(pl.col("obs_value") + 1)
        .otherwise("obs_value")
    )
    silent = replace(frames, revisions=frames.revisions.clear())
    assert outcomes(silent, report, before)["X07"] == "fail"
    assert outcomes(silent, report)["X07"] == "not_evaluated"


def test_the_outcomes_take_the_place_of_not_evaluated_in_the_quality_frame():
    quality = pl.DataFrame(
        {
            "rule_id": ["D01", "X03"],
            "checked": [4, 0],
            "failed": [0, 0],
            "state": ["pass", "not_evaluated"],
        }
    )
    judged = pl.DataFrame({"rule_id": ["X03"], "checked": [249], "failed": [1], "state": ["fail"]})
    assert with_report_rules(quality, judged).rows() == [
        ("D01", 4, 0, "pass"),
        ("X03", 249, 1, "fail"),
    ]
