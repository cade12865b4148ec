"""What changed between two readings and why, what is still provisional, and how much of last month was revised."""

import polars as pl
import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.contracts.indicators import registry
from minzheng.disclosure.frames import shape
from minzheng.indicators.models import OBSERVATIONS
from minzheng.indicators.revisions import changed_cells, named_arrivals, with_revision_rate
from minzheng.indicators.vintages import history, with_provisional
from tests.indicator.conftest import HARGAI, SHALIUHE, TOTAL
from tests.place import AREA


def told(*cells: tuple, release: str | None = None) -> pl.DataFrame:
    """Observations drawn as (indicator, area, month, value, status); status C is a withheld cell."""
    rows = []
    for code, area, month, value, status in cells:
        row = (
            dict.fromkeys(OBSERVATIONS)
            | TOTAL
            | {"indicator_id": code, "ref_area": area, "time_period": month, "note": ""}
        )
        row |= {
            "obs_value": value,
            "obs_status": "A" if status == "C" else status,
            "release": release,
            "freq": "M",
        }
        row |= {
            "conf_status": "C" if status == "C" else "F",
            "definition_version": "2021",
            "decimals": registry()[code].decimals,
        }
        rows.append(row)
    return shape("observations", pl.DataFrame(rows, infer_schema_length=None))


def inputs(*named: tuple) -> list[dict]:
    return [{"dataset": dataset, "month": month, "sha256": sha} for dataset, month, sha in named]


@pytest.mark.parametrize(
    ("came", "reason"),
    [
        (("payment_ledger", "2024-03", "new"), "error"),
        (("dibao_roll", "2024-03", "new"), "error"),
        (("dibao_roll", "2024-01", "new"), "late"),
        (("dibao_roll", "2024-04", "new"), "error"),
        (("tekun_roll", "2024-01", "new"), "error"),
    ],
)
def test_two_manifests_tell_why_a_cell_changed(came, reason):
    old, new = (
        told(("dibao_subsidy_rural", AREA, "2024-03", value, "A")) for value in (300.0, 310.0)
    )
    known = inputs(("dibao_roll", "2024-03", "a"), ("payment_ledger", "2024-03", "b"))
    arrived = named_arrivals(known, known + inputs(came))
    assert changed_cells(old, new, arrived)["reason"].to_list() == [reason]


@pytest.mark.parametrize(("month", "reason"), [("2024-11", "back-pay"), ("2024-02", "late")])
def test_a_standard_of_a_later_file_is_back_pay(month, reason):
    old, new = (told(("dibao_std_urban", AREA, "2024-03", value, "A")) for value in (640.0, 672.0))
    arrived = named_arrivals([], inputs(("policy_param", month, "new")))
    assert changed_cells(old, new, arrived)["reason"].to_list() == [reason]


def test_a_value_that_stood_is_no_change_and_a_withheld_one_is_told_as_such():
    old = told(
        ("dibao_rural_persons", AREA, "2024-03", 9.0, "P"),
        ("dibao_exit", AREA, "2024-03", 9.0, "A"),
    )
    new = told(
        ("dibao_rural_persons", AREA, "2024-03", 9.0, "A"),
        ("dibao_exit", AREA, "2024-03", None, "C"),
    )
    assert changed_cells(old, new).select("indicator_id", "old_status", "new_status").rows() == [
        ("dibao_exit", "A", "C")
    ]


def test_last_months_revisions_are_counted_among_the_cells_its_first_release_showed():
    first = told(
        ("dibao_exit", AREA, "2024-02", 9.0, "A"),
        ("dibao_exit", SHALIUHE, "2024-02", 6.0, "A"),
        ("dibao_exit", HARGAI, "2024-02", None, "C"),
        ("dibao_new", AREA, "2024-02", None, "M"),
        ("dibao_new", AREA, "2024-01", 7.0, "A"),
        ("dq_revision_rate", AREA, "2024-02", None, "M"),
    )
    now = told(
        ("dibao_exit", AREA, "2024-02", 10.0, "A"),
        ("dibao_exit", SHALIUHE, "2024-02", 6.0, "A"),
        ("dibao_exit", HARGAI, "2024-02", 4.0, "A"),
        ("dibao_new", AREA, "2024-02", None, "M"),
        ("dibao_new", AREA, "2024-01", 8.0, "A"),
        ("dq_revision_rate", AREA, "2024-02", None, "M"),
        ("dq_revision_rate", AREA, "2024-03", None, "M"),
    )
    filled = with_revision_rate(now, {"2024-02": first})
    rate = filled.filter(pl.col("indicator_id") == "dq_revision_rate").select(
        "time_period", "obs_status", "numerator", "denominator", "obs_value"
    )
    assert rate.rows() == [
        ("2024-02", "M", None, None, None),
        ("2024-03", "A", 1.0, 3.0, pytest.approx(100 / 3)),
    ]
    others = pl.col("indicator_id") != "dq_revision_rate"
    assert filled.columns == now.columns
    assert filled.filter(others).equals(now.filter(others))
    assert with_revision_rate(now, {}).equals(now)


def released(months: int, growth: float = 1.25) -> list[pl.DataFrame]:
    """Releases in whose first telling a month stands at 100, and `growth` times as high from the next release on."""
    names = [f"2024-{number:02d}" for number in range(1, months + 1)]
    return [
        told(
            *(
                ("dibao_exit", AREA, name, 100.0 if name == last else 100.0 * growth, "A")
                for name in names[:at]
            ),
            release=f"{last}-r1",
        )
        for at, last in enumerate(names, 1)
    ]


def test_the_newest_month_of_a_release_is_provisional_where_releases_always_changed():
    new = told(
        ("dibao_exit", AREA, "2024-08", 125.0, "A"),
        ("dibao_exit", AREA, "2024-09", 200.0, "A"),
        ("dibao_exit", SHALIUHE, "2024-09", None, "C"),
        ("dibao_exit", HARGAI, "2024-09", None, "M"),
        ("dibao_new", AREA, "2024-09", 7.0, "A"),
    )
    marked = with_provisional(new, released(8), "2024-09")
    assert marked["obs_status"].to_list() == ["A", "P", "A", "M", "A"]
    assert marked["note"].to_list() == ["", "初步数,按历次发布的修订情况,终值约为250", "", "", ""]
    assert marked.drop("obs_status", "note").equals(new.drop("obs_status", "note"))
    assert with_provisional(new, released(8, growth=1.0), "2024-09").equals(new), (
        "nothing ever changed"
    )
    assert with_provisional(new, released(6), "2024-09").equals(new), (
        "five months of history are too few"
    )
    assert with_provisional(new, [], "2024-09").equals(new)


def test_what_readers_were_told_first_counts_of_a_months_releases():
    first, second = released(2)
    again = first.with_columns(obs_value=pl.lit(1.0), release=pl.lit("2024-01-r2"))
    assert history([first, again, second]).select("vintage", "obs_value").rows() == [
        ("2024-01", 100.0),
        ("2024-02", 125.0),
        ("2024-02", 100.0),
    ]


@pytest.mark.parametrize(
    "call",
    [
        ["as-known", "--on", "2024-13-40"],
        ["as-known"],
        ["diff", "nowhere", "nowhere"],
        ["movement", "--month", "x"],
    ],
)
def test_a_wrong_call_is_refused(call, tmp_path):
    outcome = CliRunner().invoke(
        cli, [*call, *([] if call[0] == "diff" else ["--home", str(tmp_path)])]
    )
    assert outcome.exit_code != 0
    assert not (tmp_path / "warehouse").exists()
