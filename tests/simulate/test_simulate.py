"""The simulated county: same seed same bytes, valid fictitious people, nobody lost between months, truth that adds up."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from python_calamine import CalamineWorkbook

from minzheng.commands.demo import months_shown
from minzheng.contracts.datasets import dataset
from minzheng.errors import MinzhengError, WrongCall
from simulation import MARKER, identity, parameters, simulate
from simulation.cast import ages_on
from simulation.county import ROLLS, records
from simulation.fixture import settle
from simulation.recount.leads import RULES, minus_months
from tests.place import AREA, AREA_NAME

FIRST, LAST = "2024-11", "2025-01"
PLACE = ["indicator_id", "time_period", "residence", "sex", "age_group", "category"]


@pytest.fixture(scope="module")
def county(tmp_path_factory) -> Path:
    to = tmp_path_factory.mktemp("county")
    simulate(to, FIRST, LAST, 7, progress=False)
    return to


@pytest.fixture(scope="module")
def nasty(tmp_path_factory) -> Path:
    to = tmp_path_factory.mktemp("nasty")
    simulate(to, "2024-03", "2024-03", 7, faults="nasty", progress=False)
    return to


@pytest.fixture(scope="module")
def truth(county) -> pl.DataFrame:
    return pl.read_parquet(county / "truth" / "observations.parquet")


@pytest.fixture(scope="module")
def told() -> dict[str, pl.DataFrame]:
    return records("2024-11", "2025-01", 7, "county")


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            0 if "truth" in path.parts else int(path.stat().st_mtime),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_times_and_another_seed_does_not(tmp_path, nasty):
    simulate(tmp_path / "again", "2024-03", "2024-03", 7, faults="nasty", progress=False)
    simulate(tmp_path / "other", "2024-03", "2024-03", 8, faults="nasty", progress=False)
    assert fingerprint(tmp_path / "again") == fingerprint(nasty)
    assert fingerprint(tmp_path / "other") != fingerprint(nasty)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ((None, None), ("2024-01", "2026-12")),
        ((None, "2025-03"), ("2022-04", "2025-03")),
        (("2026-10", None), ("2026-10", "2026-12")),
    ],
)
def test_the_demo_reaches_the_last_full_month(monkeypatch, asked, shown):
    monkeypatch.setattr("minzheng.commands.demo.now", lambda: datetime(2027, 1, 1, tzinfo=UTC))
    assert months_shown(*asked) == shown


def is_valid(number: str) -> bool:
    weights, checks = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
    return (
        len(number) == 18
        and checks[sum(int(a) * b for a, b in zip(number, weights, strict=False)) % 11]
        == number[17]
    )


def test_a_known_number_passes_the_check_that_these_tests_use():
    assert is_valid("11010519491231002X")
    assert not is_valid("110105194912310021")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 400))
def test_every_made_number_is_valid_unique_and_says_its_birth_date_and_sex(seed, count):
    random = np.random.default_rng(seed)
    births = np.datetime64("1950-01-01") + random.integers(0, 40, count)
    male = random.random(count) < 0.5
    numbers = identity.id_numbers(random, np.full(count, AREA), births, male)
    assert len(set(numbers)) == count
    assert all(map(is_valid, numbers))
    assert [n[6:14] for n in numbers] == [str(b).replace("-", "") for b in births]
    assert [int(n[16]) % 2 == 1 for n in numbers] == list(male)
    assert not any(map(is_valid, map(identity.broken_number, numbers)))


def test_everybody_is_obviously_fictitious_and_has_a_valid_number_or_none(told):
    marks = "|".join(parameters.names().marks)
    for name in (*ROLLS, "lowinc_register", "pwd_card", "temp_aid", "death_list"):
        assert told[name]["person_name"].str.contains(f"^({marks})").all(), name
        assert all(map(is_valid, told[name]["person_id_no"].drop_nulls().unique())), name
    assert told["payment_ledger"]["person_name"].drop_nulls().str.contains(f"^({marks})").all()
    assert told["child_roll"].height > 0


def test_age_changes_on_the_birthday_and_on_the_first_of_march_for_a_leap_day():
    births = np.array(
        ["2000-02-29", "2000-03-31", "2000-04-01", "1924-12-31"], dtype="datetime64[D]"
    )
    assert ages_on(births, np.datetime64("2023-02-28")).tolist() == [22, 22, 22, 98]
    assert ages_on(births, np.datetime64("2023-03-31")).tolist() == [23, 23, 22, 98]
    assert ages_on(births, np.datetime64("2023-12-31")).tolist() == [23, 23, 23, 99]


def test_minus_months_falls_back_to_the_last_day_of_a_shorter_month():
    assert minus_months(date(2024, 8, 31), 6) == date(2024, 2, 29)
    assert minus_months(date(2024, 2, 29), 12) == date(2023, 2, 28)


@pytest.mark.parametrize("roll", ROLLS)
def test_whoever_comes_or_goes_between_two_months_has_a_row_that_says_so(told, roll):
    key = ["person_id_no"] + (["subsidy_kind"] if roll == "elder_roll" else [])
    rows = told[roll].filter(pl.col("person_id_no").is_not_null())
    months = sorted(rows["month"].unique())
    newborn = told[roll].filter(pl.col("person_id_no").is_null())["birth_date"].unique()
    rows = rows.filter(~pl.col("birth_date").is_in(newborn.implode()))
    for before, now in zip(months, months[1:], strict=False):
        was = (
            rows.filter((pl.col("month") == before) & (pl.col("status") != "停保"))
            .select(key)
            .unique()
        )
        is_ = rows.filter((pl.col("month") == now) & (pl.col("status") != "停保")).unique(key)
        stopped = (
            rows.filter((pl.col("month") == now) & (pl.col("status") == "停保"))
            .select(key)
            .unique()
        )
        came, gone = is_.join(was, on=key, how="anti"), was.join(is_, on=key, how="anti")
        assert set(came["status"]) <= {"新增", "恢复"}
        assert gone.join(stopped, on=key, how="anti").is_empty()
        assert len(is_) == len(was) + len(came) - len(gone)


def test_no_key_stands_twice_in_a_township_but_for_one_stop_beside_one_active_row(told):
    for name, rows in told.items():
        key = [c for c in dataset(name).key if c in rows.columns]
        rows = (
            rows.filter(pl.all_horizontal(pl.col(c).is_not_null() for c in key if c != "band"))
            if name != "policy_param"
            else rows
        )
        side = [(pl.col("status") == "停保").alias("stop")] if "status" in rows.columns else []
        where = ["month", "township", *key]
        counts = rows.select(*dict.fromkeys(where), *side).group_by(pl.all()).len()
        assert counts["len"].max() == 1, name


def test_settling_ends_a_row_that_vanished_and_calls_back_who_returned():
    before = pl.DataFrame(
        {
            "person_id_no": ["a", "b"],
            "township_name": ["x", "x"],
            "status": ["在保", "停保"],
            "monthly_amount": [5.0, 0.0],
            "stop_reason": [None, "其他"],
        }
    )
    now = pl.DataFrame(
        {
            "person_id_no": ["b"],
            "township_name": ["x"],
            "status": ["在保"],
            "monthly_amount": [7.0],
            "stop_reason": [None],
        },
        schema=before.schema,
    )
    found = {row["person_id_no"]: row for row in settle("dibao_roll", before, now).to_dicts()}
    assert found["b"]["status"] == "恢复"
    assert (found["a"]["status"], found["a"]["monthly_amount"], found["a"]["stop_reason"]) == (
        "停保",
        0.0,
        "核查不符",
    )


def test_a_county_count_of_persons_lies_between_its_largest_township_and_their_sum(truth):
    people = truth.filter(
        pl.col("unit_measure").is_in(["人", "户"])
        & pl.col("denominator").is_null()
        & (pl.col("obs_status") == "A")
    )
    towns = (
        people.filter(pl.col("ref_area").str.len_chars() == 9)
        .group_by(PLACE)
        .agg(total=pl.col("numerator").sum(), most=pl.col("numerator").max(), n=pl.len())
    )
    both = people.filter(pl.col("ref_area") == AREA).join(towns.filter(pl.col("n") == 5), on=PLACE)
    assert len(both) > 500
    assert (both["numerator"] <= both["total"]).all()
    assert (both["numerator"] >= both["most"]).all()


def test_truth_holds_every_cell_once_and_no_number_that_is_none(truth):
    assert truth.n_unique(["ref_area", *PLACE]) == len(truth)
    assert truth["indicator_id"].n_unique() == 171  # all but the four about the handling of leads
    assert not truth.filter(pl.col("obs_value").is_infinite() | pl.col("obs_value").is_nan()).height
    assert set(truth["obs_status"]) <= {"A", "E", "L", "M"}
    assert (
        truth.filter(pl.col("obs_status") == "M")
        .select(pl.all_horizontal(pl.col("obs_value", "numerator", "denominator").is_null()).all())
        .item()
    )


def test_year_to_date_is_missing_before_the_year_is_whole_and_starts_again_in_january(truth):
    spent = truth.filter(
        (pl.col("indicator_id") == "civil_spend_ytd") & (pl.col("ref_area") == AREA)
    )
    found = dict(spent.select("time_period", "obs_status").iter_rows())
    assert found == {"2024-11": "M", "2024-12": "M", "2025-01": "A"}


def test_a_late_decision_is_paid_back_and_counts_for_the_earlier_month(tmp_path):
    simulate(tmp_path, "2024-04", "2024-05", 3, progress=False)
    truth = pl.read_parquet(tmp_path / "truth" / "observations.parquet")
    standard = truth.filter(
        (pl.col("indicator_id") == "dibao_std_urban") & (pl.col("time_period") == "2024-04")
    )["obs_value"].item()
    kinds = {
        m: set(f["payment_kind"])
        for (m,), f in records("2024-04", "2024-05", 3, "county")["payment_ledger"].group_by(
            "month"
        )
    }
    assert standard == 760
    assert "补发" in kinds["2024-05"]
    assert "补发" not in kinds["2024-04"]


def test_every_lead_rule_occurs_in_each_year(county):
    leads = pl.read_parquet(county / "truth" / "leads.parquet").with_columns(
        year=pl.col("month").str.slice(0, 4)
    )
    for year in ("2024", "2025"):
        assert (
            set(leads.filter(pl.col("year") == year)["rule_id"])
            == set(RULES) - {"CF06"}  # of vouchers, which are simulated when asked for
            == set(parameters.planted_leads())
        )


def test_every_form_of_file_occurs_each_month(county):
    files = pl.read_parquet(county / "truth" / "files.parquet")
    for (month,), rows in files.group_by("month"):
        assert {"csv", "xlsx", "zip"} <= set(rows["form"]), month
        assert {"utf-8", "utf-8-sig", "gb18030"} <= set(
            rows.filter(pl.col("form") == "csv")["encoding"]
        ), month
        assert {"county", "township"} <= set(rows["scope"])
    assert files.filter(pl.col("month") == FIRST)["dataset"].n_unique() == 22


def test_a_written_workbook_holds_title_unit_header_rows_and_footer(county):
    files = pl.read_parquet(county / "truth" / "files.parquet").filter(
        (pl.col("dataset") == "tekun_roll") & (pl.col("month") == FIRST)
    )
    row = files.row(0, named=True)
    sheet = CalamineWorkbook.from_path(str(county / row["file"])).get_sheet_by_index(0).to_python()
    assert sheet[0][0] == f"{AREA_NAME}2024年11月特困人员救助供养花名册"
    assert sheet[1][0].startswith(f"填报单位\uff1a{AREA_NAME}")
    assert "姓名" in sheet[2]
    assert any(str(cell).startswith("填报人") for cell in sheet[-1])
    numbers = [
        line[[str(c).replace("\n", "") for c in sheet[2]].index("身份证号")]
        for line in sheet[3 : 3 + row["rows"]]
    ]
    assert all(isinstance(n, str) and len(n) in (15, 18) for n in numbers)


def test_planted_bad_rows_stand_where_the_truth_says(nasty):
    bad = pl.read_parquet(nasty / "truth" / "quarantine.parquet").filter(
        (pl.col("rule") == "PLACEHOLDER") | (pl.col("rule") == "K05")
    )
    assert len(bad) > 0
    for row in bad.to_dicts():
        sheet = _grid(nasty / row["file"])
        assert any(
            word in map(str, sheet[row["row"] - 1]) for word in ("000000000000000000",)
        ) or any(str(c).endswith("888") for c in sheet[row["row"] - 1])


def _grid(path: Path) -> list[list]:
    import csv
    import io

    if path.suffix == ".xlsx":
        return (
            CalamineWorkbook.from_path(str(path))
            .get_sheet_by_index(0)
            .to_python(skip_empty_area=False)
        )
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(content.decode(encoding))))
        except UnicodeDecodeError:
            continue
    raise AssertionError(path)


def test_bad_rows_are_left_out_of_the_right_figures(nasty, tmp_path):
    simulate(tmp_path, "2024-03", "2024-03", 7, progress=False)
    clean, spoilt = (
        pl.read_parquet(folder / "truth" / "observations.parquet") for folder in (tmp_path, nasty)
    )
    share = pl.col("indicator_id") == "dq_error_rows"
    cell = share & (pl.col("ref_area") == AREA) & (pl.col("category") == "_T")
    assert clean.filter(cell)["numerator"].item() == 0
    good = pl.read_parquet(nasty / "truth" / "quarantine.parquet")
    assert spoilt.filter(cell)["numerator"].item() == good["in_force"].sum() > 0
    assert (
        spoilt.filter(pl.col("obs_status") == "M").height
        >= clean.filter(pl.col("obs_status") == "M").height
    )


def test_truth_carries_the_marker_the_intake_looks_for(county):
    assert (county / "truth" / MARKER).is_file()


def test_wrong_calls_are_told_in_one_line(tmp_path):
    (tmp_path / "own.txt").write_text("x")
    with pytest.raises(MinzhengError, match="something else"):
        simulate(tmp_path, "2024-01", "2024-01", 1)
    for first, last, extra in (
        ("2024-02", "2024-01", {}),
        ("2019-01", "2019-02", {}),
        ("2024-01", "2024-01", {"faults": "many"}),
    ):
        with pytest.raises(WrongCall):
            simulate(tmp_path / "new", first, last, 1, **extra)


def test_a_parameter_file_with_an_unknown_key_is_refused():
    with pytest.raises(ValidationError):
        parameters.Figure.model_validate({"value": 1, "source": "assumed", "unit": "x"})
