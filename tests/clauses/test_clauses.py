# ruff: noqa: E501
"""248 of 248 fragments: the text is held fast, every measurable sentence has what measures it, every system its task."""

import hashlib
import re
from collections import Counter

import polars as pl
import pytest

from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.plans import PLANS, plan
from minzheng.progress.clauses import TRACE_SCHEMA, clause_trace
from minzheng.progress.table import progress_table
from minzheng.progress.tasks import Report, task_table
from tests.place import AREA


def test_the_outline_is_the_text_the_county_published():
    digest = hashlib.sha256((PLANS / "145" / "text.txt").read_bytes()).hexdigest()
    assert digest == "243546d90e82782eaaee4e559a2388a4dfadc7896ab732439540820a694bd63f"


def test_the_fragments_are_held_fast():
    assert Counter(clause.kind for clause in plan("145").clauses) == {
        "I": 102,
        "N": 81,
        "H": 29,
        "IS": 19,
        "S": 17,
    }
    assert len({clause.clause_id for clause in plan("145").clauses}) == 248
    digest = hashlib.sha256(
        "\n".join(clause.text for clause in plan("145").clauses).encode()
    ).hexdigest()
    assert digest == "49d87493cb2710bd5518292f3eba34445b3c68bc1dc566e7aa05812b47da6e0f"


def text_between_clauses(text, clauses):
    """What of the text lies between consecutive fragments, spaces removed; the first entry precedes the first fragment."""
    text, position, between = re.sub(r"\s", "", text), 0, []
    for clause in clauses:
        words = re.sub(r"\s", "", clause.text)
        start = text.find(words, position)
        assert start >= 0, f"{clause.clause_id} is not in the plan's text after its predecessor"
        between.append(text[position:start])
        position = start + len(words)
    return [*between, text[position:]]


def test_nothing_but_stops_and_numbering_lies_between_the_fragments():
    before, *between = text_between_clauses(plan("145").text, plan("145").clauses)
    assert before.endswith("三、“十四五”总体发展目标")
    assert {re.sub(r"四、主要措施|\([一二三四]\)|\d\.", "", gap) for gap in between} <= {
        "。",
        ",",
        ";",
    }


def test_every_measurable_fragment_names_registered_indicators_and_the_others_none():
    registered = {path.stem for path in (CONTRACTS / "indicators").glob("*.yaml")}
    for clause in plan("145").clauses:
        assert bool(clause.indicators) == (clause.kind in ("I", "IS")), clause.clause_id
        assert set(clause.indicators) <= registered, clause.clause_id


def test_every_system_clause_has_its_task_and_every_task_its_clauses():
    by_clause = {
        (clause_id, task.system) for task in plan("145").tasks for clause_id in task.clauses
    }
    assert by_clause == {
        (clause.clause_id, clause.system) for clause in plan("145").clauses if clause.system
    }
    assert len({task.system for task in plan("145").tasks}) == 17
    assert all(clause.system for clause in plan("145").clauses if clause.kind in ("S", "IS"))


@pytest.fixture
def trace():
    observed = pl.DataFrame(
        [
            ("nursing_bed_share", AREA, "2024-05", 50.0, "A", "F"),
            ("nursing_bed_share", AREA, "2024-06", 56.0, "A", "F"),
            ("temp_aid_times", AREA, "2024-06", 12.0, "A", "F"),
            ("temp_aid_level", AREA, "2024-06", None, "L", "F"),
            ("orphan_total", AREA, "2024-05", 0.0, "A", "F"),
            ("orphan_total", AREA, "2024-06", None, "A", "C"),
            ("edge_persons", AREA, "2023-06", 50.0, "A", "F"),
            ("edge_persons", AREA, "2024-06", 60.0, "A", "F"),
            ("edge_persons", f"{AREA}100", "2024-06", 20.0, "A", "F"),
            ("canteen_count", AREA, "2024-05", 3.0, "A", "F"),
            ("canteen_count", AREA, "2024-06", None, "M", "F"),
        ],
        schema=[
            "indicator_id",
            "ref_area",
            "time_period",
            "obs_value",
            "obs_status",
            "conf_status",
        ],
        orient="row",
    ).with_columns(numerator=pl.lit(None, pl.Float64), denominator=pl.lit(None, pl.Float64))
    done = Report(
        task="SYS-AUDIT",
        state="done",
        date="2024-05-06",
        evidence="刚民〔2024〕12号",
        office="示例民政局",
    )
    tasks = task_table([plan("145")], [done], "2024-06")
    return clause_trace(
        [plan("145")], observed, progress_table(observed, plan("145"), "2024-06"), tasks
    )


def states(trace, item):
    return (
        trace.filter(pl.col("item_id") == item)
        .select("time_period", "obs_value", "state")
        .unique()
        .rows()
    )


def test_all_248_fragments_are_in_the_trace_in_the_order_of_the_text(trace):
    assert trace["clause_id"].unique(maintain_order=True).to_list() == [
        clause.clause_id for clause in plan("145").clauses
    ]
    assert dict(trace.schema) == TRACE_SCHEMA
    assert trace["state"].null_count() == 0


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ("nursing_bed_share", ("2024-06", 56.0, "已达标")),
        ("edge_persons", ("2024-06", 60.0, "未定目标,趋势向好")),
        ("temp_aid_times", ("2024-06", 12.0, "已有数据,不作判断")),
        ("temp_aid_level", ("2024-06", None, "不适用")),
        ("orphan_total", ("2024-06", None, "数值过小,不予公布")),
        ("canteen_count", ("2024-05", 3.0, "已有数据,不作判断")),
        ("old_age_std", (None, None, "尚无数据")),
        ("SYS-AUDIT", (None, None, "已完成(2024-05-06,刚民〔2024〕12号)")),
        ("SYS-DOC-1", (None, None, "未填报")),
    ],
)
def test_where_a_sentence_stands(trace, item, found):
    assert states(trace, item) == [found]


def test_headings_and_aims_say_what_they_are(trace):
    kinds = (
        trace.filter(pl.col("item_kind") == "none")
        .group_by("kind")
        .agg(pl.col("state").unique())
        .rows()
    )
    assert dict(kinds) == {"H": ["标题"], "N": ["不可计量的表述"]}
