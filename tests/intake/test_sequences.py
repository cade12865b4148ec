"""The rows of the matrix of bad input that depend on what came before. One row a case, as `status` tells it."""

import json

import pytest

from minzheng.intake.settings import reasons
from tests.conftest import read_drawing
from tests.intake.cases import CASES, edited
from tests.intake.roster import people
from tests.intake.test_flow import CLEAN, corrected, history, month_of, ten_times
from tests.place import AREA

EXPECTED = """
    case | file                  | verdict   | accepted | quarantined | not_data | reasons        | flags
    A98  | resent_same_bytes.xlsx | duplicate | 12       | 0           | 0        | duplicate_file |
    B01  | corrected_v2.xlsx     | supersede | 12       | 0           | 3        |                | diff:+1 -1 ~1
    B02  | ten_times_rows.csv    | hold      | 120      | 0           | 3        | row_count_jump amount_jump |
    B04  | amount_x10.csv        | hold      | 12       | 0           | 3        | amount_jump    |
    B05  | late_january.csv      | accept    | 12       | 0           | 3        |                | late
    B08  | ~$A38_clean.xlsx      | ignore    | 0        | 0           | 0        | lock_file      |
    B10  | .~lock.A38_clean.xlsx# | ignore    | 0        | 0           | 0        | lock_file      |
"""
ROWS = [dict(zip(read_drawing(EXPECTED)[0], row, strict=True)) for row in read_drawing(EXPECTED)[1]]
APRIL, MAY = 1_712_000_000, 1_715_600_000


def ten_times_the_amount() -> list[dict]:
    return [row | {"月保障金额": str(float(row["月保障金额"]) * 10)} for row in people()]


BEFORE = {"A98": "base", "B01": "base", "B02": "months", "B04": "months", "B05": "later months"}
CONTENT = {
    "A98": CLEAN,
    "B01": corrected,
    "B02": lambda: month_of("2024-03", ten_times()),
    "B04": lambda: month_of("2024-03", ten_times_the_amount()),
    "B05": lambda: month_of("2024-01"),
}


def prepare(county, what: str | None) -> None:
    """What came before: the clean file of the same month, three ordinary months, or later months only."""
    if what == "base":
        county.sends("clean.xlsx", CLEAN())
    elif what == "months":
        history(county)
    elif what == "later months":
        history(county, ("2024-02", "2024-03"))


@pytest.mark.parametrize("expected", ROWS, ids=lambda row: row["case"])
def test_a_file_in_the_light_of_what_came_before(county, expected):
    prepare(county, BEFORE.get(expected["case"]))
    make = CONTENT.get(expected["case"], lambda: b"\x05clerk")
    county.arrives(expected["file"], make(), MAY if expected["case"] == "B05" else None)
    county.take_in()
    (told,) = [file for file in county.status()["files"] if file["name"] == expected["file"]]
    counts = [told[f"rows_{name}"] for name in ("accepted", "quarantined", "not_data")]
    wanted = [int(expected[name]) for name in ("accepted", "quarantined", "not_data")]
    assert (told["verdict"], counts) == (expected["verdict"], wanted)
    assert (told["reasons"], " ".join(told["flags"])) == (
        (expected["reasons"] or "").split(),
        expected["flags"] or "",
    )


FIELDS = [
    "name",
    "sha256",
    "dataset",
    "month",
    "townships",
    "verdict",
    "rows_accepted",
    "rows_quarantined",
    "rows_not_data",
    "amount_accepted",
    "reasons",
    "flags",
    "received_at",
    "intake_no",
    "in_force",
    "rows_in_force",
    "replaces",
]
VERDICTS = {"accept", "accept_partial", "reject_file", "duplicate", "supersede", "hold", "ignore"}


def test_the_status_has_every_field_of_its_contract_for_every_kind_of_file(county):
    for name in ("A38", "A31", "A49", "A80", "A83", "A77"):
        county.arrives(f"{name}/{CASES[name][0]}", CASES[name][1]())
    county.arrives("again.xlsx", CLEAN())
    county.arrives("b.xlsx", corrected())
    county.arrives("~$a.xlsx", b"x")
    county.take_in()
    told = json.loads(json.dumps(county.status()))
    assert {file["verdict"] for file in told["files"]} >= VERDICTS - {"hold", "accept_partial"}
    for file in told["files"]:
        assert sorted(file) == sorted(FIELDS)
        assert file["verdict"] in VERDICTS
        assert file["received_at"][10] == "T"
        assert file["received_at"].endswith("+08:00")
        assert all(isinstance(file[name], list) for name in ("townships", "reasons", "flags"))
        words = {word.partition(":")[0] for word in [*file["reasons"], *file["flags"]]} - {"diff"}
        assert words <= set(reasons()) | {"archive"}
        assert all(word.isascii() for word in words)
        assert all(
            isinstance(file[f"rows_{name}"], int)
            for name in ("accepted", "quarantined", "not_data")
        )


def test_a_month_of_the_status_says_what_came_lacks_is_late_and_how_far_its_release_is(county):
    county.sends(
        "2024-03/a.csv", month_of("2024-03", edited({1: {"身份证号": f"{AREA}19500101001"}}))
    )
    (county.home.drafts / "2024-03").mkdir(parents=True)
    (county.home.published / "2024-03" / "r1").mkdir(parents=True)
    (month,) = county.status("2024-03")["months"]
    assert (month["month"], month["received"], month["open_quarantine"]) == (
        "2024-03",
        ["dibao_roll"],
        1,
    )
    assert len(month["missing"].get("dibao_roll", [])) == 0
    assert "elder_roll" in month["missing"]
    assert (month["late"], month["held"], month["draft"], month["releases"]) == (
        {},
        [],
        True,
        ["r1"],
    )
    assert month["delivery"] is None
