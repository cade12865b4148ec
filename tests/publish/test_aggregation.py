"""The prefecture's view of its counties' editions: signed folders, sums, ratios of sums, what lacks and what contradicts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.contracts.founding import found_contracts
from minzheng.contracts.indicators import registry
from minzheng.contracts.regions import around
from minzheng.disclosure.frames import REVISIONS, SCHEMAS
from minzheng.errors import MinzhengError
from minzheng.publish.aggregation import Prefecture, aggregate, read_signers, receive
from minzheng.publish.release.files import write_csv, write_parquet
from minzheng.publish.release.manifest import (
    RAW,
    key_id_of,
    read_manifest,
    signer,
    write_manifest,
)
from tests.conftest import read_drawing
from tests.place import AREA, PREFECTURE

ROOT = Path(__file__).resolve().parents[2]
HAIBEI = Prefecture.of("6322", around("6322", ()))
KEYS = {
    area: Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))
    for number, area in enumerate(HAIBEI.counties)
}
FIGURES = f"""
| indicator_id     | ref_area  | numerator | denominator | obs_value | obs_status | lower_bound | upper_bound |
| orphan_total     | 632221    | 5         |             | 5         | A          | 5           | 5           |
| orphan_total     | 632222    | 3         |             | 3         | U          | 3           | 4           |
| orphan_total     | 632223    | 0         |             | 0         | A          | 0           | 0           |
| orphan_total     | {AREA}    | 2         |             | 2         | E          | 2           | 2           |
| dibao_coverage   | 632221    | 10        | 100         | 10        | A          | 10          | 10          |
| dibao_coverage   | 632222    | 30        | 100         | 30        | A          | 30          | 30          |
| dibao_coverage   | 632223    | 10        | 300         | 3.3       | A          | 3.3         | 3.3         |
| dibao_coverage   | {AREA}    |           |             |           | L          |             |             |
| dibao_std_urban  | 632221    | 700       |             | 700       | A          | 700         | 700         |
| dibao_std_urban  | 632222    | 700       |             | 700       | A          | 700         | 700         |
| dibao_std_urban  | 632223    | 700       |             | 700       | A          | 700         | 700         |
| dibao_std_urban  | {AREA}    | 700       |             | 700       | A          | 700         | 700         |
| tekun_basic_std  | 632221    | 900       |             | 900       | A          | 900         | 900         |
| tekun_basic_std  | 632222    | 910       |             | 910       | A          | 910         | 910         |
| tekun_basic_std  | 632223    | 900       |             | 900       | A          | 900         | 900         |
| tekun_basic_std  | {AREA}    | 900       |             | 900       | A          | 900         | 900         |
| inst_beds        | 632221    | 8         |             | 8         | U          |             | 9           |
| inst_beds        | 632222    | 1         |             | 1         | A          | 1           | 1           |
| inst_beds        | 632223    | 1         |             | 1         | A          | 1           | 1           |
| inst_beds        | {AREA}    | 1         |             | 1         | A          | 1           | 1           |
| inst_count       | 632221    |           |             |           | M          |             |             |
| inst_count       | 632222    | 1         |             | 1         | A          | 1           | 1           |
| inst_count       | 632223    | 1         |             | 1         | A          | 1           | 1           |
| inst_count       | {AREA}    | 1         |             | 1         | A          | 1           | 1           |
"""


def observed(drawing: str = FIGURES, month: str = "2024-03", version: str = "1") -> pl.DataFrame:
    head, rows = read_drawing(drawing)
    drawn = pl.DataFrame(rows, schema=dict.fromkeys(head, pl.String), orient="row")
    rest = {name: pl.lit("_T") for name in ("residence", "sex", "age_group", "category")}
    rest |= {"time_period": pl.lit(month), "definition_version": pl.lit(version)}
    rest |= {"freq": pl.lit("M"), "conf_status": pl.lit("F"), "note": pl.lit("")}
    rest |= {"release": pl.lit(""), "unit_measure": pl.lit("人"), "decimals": pl.lit(0)}
    full = drawn.with_columns(
        **{name: each for name, each in rest.items() if name not in head}
    ).with_columns(
        **{
            name: pl.lit(None)
            for name in ("numerator", "denominator", "lower_bound", "upper_bound")
            if name not in head
        }
    )
    return full.select(*SCHEMAS["observations"]).cast(SCHEMAS["observations"])


def send(folder: Path, area: str, figures: pl.DataFrame, release="2024-03-r1", **more) -> Path:
    """The signed edition of one county, as its home would write it."""
    at = folder / area / release
    at.mkdir(parents=True)
    own = figures.filter(pl.col("ref_area").str.starts_with(area))
    write_parquet(own, at / "observations.parquet")
    write_csv(more.get("revisions", pl.DataFrame(schema=REVISIONS)), at / "revisions.csv")
    told = {"release": release, "edition": "prefecture", "previous": more.get("previous")}
    write_manifest(at, told, more.get("key", KEYS[area]))
    return at


def signers(folder: Path) -> Path:
    """What the counties announced, as the prefecture wrote it down."""
    ids = [f"{area},{key_id_of(key.public_key().public_bytes(*RAW))}" for area, key in KEYS.items()]
    (folder / "keys.csv").write_text("area,key_id\n" + "\n".join(ids), encoding="utf-8")
    return folder / "keys.csv"


def received(folder: Path):
    return receive(folder / "in", read_signers(signers(folder)), HAIBEI)


def cells(frame: pl.DataFrame, area: str = "6322") -> dict:
    rows = frame.filter(ref_area=area)
    return {row["indicator_id"]: row for row in rows.iter_rows(named=True)}


def test_counts_add_up_rates_are_of_sums_and_standards_stand_where_all_have_the_same(tmp_path):
    for area in HAIBEI.counties:
        send(tmp_path / "in", area, observed())
    whole = aggregate(received(tmp_path), "2024-03", HAIBEI)
    told = cells(whole.observations)
    names = ("obs_value", "obs_status", "lower_bound", "upper_bound")
    assert {code: tuple(row[name] for name in names) for code, row in told.items()} == {
        "orphan_total": (10, "U", 10, 11),
        "dibao_coverage": (10, "A", 3.3, 30),
        "dibao_std_urban": (700, "A", 700, 700),
        "tekun_basic_std": (None, "L", None, None),
        "inst_count": (None, "M", None, None),
        "inst_beds": (11, "U", None, 12),
    }
    assert told["inst_count"]["note"] == "缺：门源回族自治县"
    assert (told["dibao_coverage"]["numerator"], told["dibao_coverage"]["denominator"]) == (50, 500)
    assert whole.missing.select("ref_area", "indicator_id").rows() == [("632221", "inst_count")]
    assert whole.contradictions.is_empty()


def test_a_county_that_sent_nothing_is_missing_in_every_figure(tmp_path):
    for area in list(HAIBEI.counties)[1:]:
        send(tmp_path / "in", area, observed())
    whole = aggregate(received(tmp_path), "2024-03", HAIBEI)
    assert {row["obs_status"] for row in cells(whole.observations).values()} == {"M"}
    assert whole.missing["sentence"][0] == "门源回族自治县：未收到"


def test_a_total_that_its_townships_cannot_make_contradicts(tmp_path):
    drawing = f"""
    | indicator_id | ref_area  | obs_value | obs_status |
    | orphan_total | {AREA}    | 9         | A          |
    | orphan_total | {AREA}100 | 1         | A          |
    | orphan_total | {AREA}101 | 2         | A          |
    | orphan_total | {AREA}200 | 2         | A          |
    | orphan_total | {AREA}201 | 1         | A          |
    | orphan_total | {AREA}202 | 2         | A          |
    | fact_orphan_total | {AREA}    | 3 | A |
    | fact_orphan_total | {AREA}100 | 4 | A |
    | dibao_new | {AREA}    | 3 | A |
    | dibao_new | {AREA}100 | 2 | A |
    | dibao_new | {AREA}101 | 2 | A |
    """
    send(tmp_path / "in", AREA, observed(drawing))
    found = aggregate(received(tmp_path), "2024-03", HAIBEI).contradictions
    assert found.select("indicator_id", "stated", "other").sort("indicator_id").rows() == [
        ("fact_orphan_total", 3, 4),
        ("orphan_total", 9, 8),
    ]


def test_a_revision_comes_through_with_its_reason_and_a_change_untold_contradicts(tmp_path):
    first = observed(f"| indicator_id | ref_area | obs_value | obs_status |\n| orphan_total | {AREA} | 2 | A |\n"
                     f"| inst_count | {AREA} | 1 | A |")  # fmt: skip
    second = first.with_columns(pl.col("obs_value") + 1)
    reason = pl.DataFrame(
        {"indicator_id": ["orphan_total"], "ref_area": [AREA], "time_period": ["2024-03"]}
        | {name: ["_T"] for name in ("residence", "sex", "age_group", "category")}
        | {"old_value": [2.0], "new_value": [3.0], "old_status": ["A"], "new_status": ["A"]}
        | {"reason": ["late"]}
    )
    send(tmp_path / "in", AREA, first)
    send(tmp_path / "in", AREA, second, "2024-03-r2", previous="2024-03-r1", revisions=reason)
    whole = aggregate(received(tmp_path), "2024-03", HAIBEI)
    assert whole.sources == {AREA: "2024-03-r2"}
    assert whole.revisions.select("indicator_id", "reason").rows() == [("orphan_total", "late")]
    (row,) = whole.contradictions.iter_rows(named=True)
    assert (row["indicator_id"], row["stated"], row["other"]) == ("inst_count", 2, 1)
    assert row["sentence"] == "与2024-03-r1不同，更正说明中没有"


def tampered(at: Path) -> None:
    with (at / "revisions.csv").open("a") as file:
        file.write("x\n")


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (tampered, "tampered: revisions.csv"),
        (lambda at: (at / "manifest.sig").unlink(), "missing: manifest.sig"),
        (
            lambda at: at.parent.rename(at.parent.with_name("632221")),
            f"of {AREA}, in the folder of 632221",
        ),
    ],
)
def test_an_edition_that_is_not_what_a_county_sent_is_refused_by_name(tmp_path, spoil, fault):
    spoil(send(tmp_path / "in", AREA, observed()))
    with pytest.raises(MinzhengError, match=fault):
        received(tmp_path)


def test_a_strangers_signature_another_prefectures_county_and_mixed_definitions_are_refused(
    tmp_path,
):
    send(tmp_path / "in", AREA, observed(), key=KEYS["632221"])
    with pytest.raises(MinzhengError, match=f"not with the one that {AREA} announced"):
        received(tmp_path)
    other = observed(
        "| indicator_id | ref_area | obs_value | obs_status |\n| inst_count | 350821 | 1 | A |"
    )
    KEYS["350821"] = KEYS[AREA]
    send(tmp_path / "other" / "in", "350821", other)
    del KEYS["350821"]
    with pytest.raises(MinzhengError, match="not of one county"):
        received(tmp_path / "other")
    send(tmp_path / "mixed" / "in", AREA, observed())
    send(tmp_path / "mixed" / "in", "632223", observed(version="2"))
    with pytest.raises(MinzhengError, match="different definitions: 1, 2"):
        aggregate(received(tmp_path / "mixed"), "2024-03", HAIBEI)


def called(
    folder: Path, home: str, script: str, *words: str, **environment: str
) -> subprocess.CompletedProcess:
    """Python in a process that serves a home of the folder."""
    served = {"MINZHENG_HOME": str(folder / home), "PYTHONPATH": str(ROOT)}
    served |= {"MINZHENG_KEY_FILE": str(folder / f"{home}-keys" / "key.json")}
    (folder / "script.py").write_text(script, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "script.py", *words],
        cwd=folder,
        env=os.environ | served | environment,
        capture_output=True,
        text=True,
    )


MINZHENG = "from minzheng.cli import main; main()"


def gathered(folder: Path, home: str = "prefecture", more=()) -> subprocess.CompletedProcess:
    words = ("aggregate", "in", "--month", "2024-03", "--signers", "keys.csv", *more)
    return called(folder, home, MINZHENG, *words, "--to", "once" if more else "out")


def test_the_command_says_what_came_and_writes_nothing_of_what_it_refuses(tmp_path):
    signers(tmp_path)
    found_contracts(tmp_path / "prefecture" / "contracts", "632200", PREFECTURE, None)
    at = send(tmp_path / "in", "632223", observed())
    done = gathered(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "门源回族自治县：未收到" in done.stdout
    assert f"{PREFECTURE}：1/4个县，更正0处" in done.stdout
    written = {path.name for path in (tmp_path / "out").iterdir()}
    tables = ("observations", "revisions", "missing", "contradictions")
    assert written == {"sources.json", *(f"{name}.csv" for name in tables)}
    (tmp_path / "out").rename(tmp_path / "first")
    tampered(at)
    refused, county = gathered(tmp_path), gathered(tmp_path, "none")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 2)
    assert (county.returncode, len(county.stderr.splitlines())) == (2, 2)
    assert not (tmp_path / "out").exists()


ROLLS = {
    # The boy is on the rolls of two counties, the girl moves from one to the other, one is new and one has left.
    "632223": [("2024-02", "boy"), ("2024-02", "girl"), ("2024-02", "left"), ("2024-03", "boy")],
    AREA: [("2024-02", "boy"), ("2024-03", "boy"), ("2024-03", "girl"), ("2024-03", "new")],
    "632221": [],
    "632222": [],
}
FILL = """
import sys, json
from minzheng.contracts.regions import townships
from minzheng.custody.home import Home
from minzheng.custody.vault import check_key, keys_of
from minzheng.warehouse.connection import open_warehouse
home = Home.find().create()
check_key(home, keys_of(home))
town = next(iter(townships()))
with open_warehouse(home) as connection:
    for month, person in json.loads(sys.argv[1]):
        connection.execute("insert into register.child_roll by name select ? as month, ? as township_code, true as active, "
                           "'孤儿' as child_class, '社会散居' as care_form, ? as person_key, 100 as monthly_amount", [month, town, person])
"""
DRAWN = """
| indicator_id | ref_area | numerator | obs_value | obs_status | lower_bound | upper_bound |
| orphan_total | {area}   | {count}   | {count}   | A          | {count}     | {most}      |
"""


def test_a_person_on_two_counties_rolls_is_one_and_a_move_between_them_neither_new_nor_gone(
    tmp_path,
):
    found_contracts(tmp_path / "prefecture" / "contracts", "632200", None, None)
    one_key = {"MINZHENG_KEY_FILE": str(tmp_path / "prefecture-keys" / "key.json")}
    for area, rows in ROLLS.items():
        found_contracts(tmp_path / "prefecture/counties" / area / "contracts", area, None, None)
        filled = called(tmp_path, f"prefecture/counties/{area}", FILL, json.dumps(rows), **one_key)
        assert filled.returncode == 0, filled.stderr[-1500:]
        count = len({person for month, person in rows if month == "2024-03"})
        drawing = DRAWN.format(area=area, count=count, most=count + 1)
        send(tmp_path / "in", area, observed(drawing))
    signers(tmp_path)
    alone, once = gathered(tmp_path), gathered(tmp_path, more=("--homes", "prefecture/counties"))
    assert (alone.returncode, once.returncode) == (0, 0), once.stderr[-1500:]
    texts = {"ref_area": pl.String}
    told = {}
    for name in ("out", "once"):
        rows = pl.read_csv(tmp_path / name / "observations.csv", schema_overrides=texts)
        row = rows.filter(ref_area="6322").row(0, named=True)
        told[name] = tuple(row[key] for key in ("obs_value", "lower_bound", "upper_bound"))
    assert told == {"out": (4, 4, 8), "once": (3, 3, 7)}
    flows = pl.read_csv(tmp_path / "once" / "movement.csv", schema_overrides=texts)
    flows = flows.filter(indicator_id="orphan_total").drop("indicator_id", "time_period")
    known = {area: counts for area, *counts in flows.rows() if len(area) < 9}
    assert known == {
        "6322": [1, 1, 0, 0],
        "632221": [0, 0, 0, 0],
        "632222": [0, 0, 0, 0],
        "632223": [0, 1, 0, 1],
        AREA: [1, 0, 1, 0],
    }
    away = called(tmp_path, "prefecture", MINZHENG, "aggregate", "in", "--month", "2024-03", "--signers",
                  "keys.csv", "--homes", "in", "--to", "away")  # fmt: skip
    assert (away.returncode, len(away.stderr.splitlines())) == (1, 2)
    assert not (tmp_path / "away").exists()


COUNTY = """
import datetime as dt, shutil, sys
from pathlib import Path
from minzheng.commands.run import run
from minzheng.custody.home import Home
from minzheng.publish.release.manifest import read_manifest
from minzheng.publish.release.published import main_of
from minzheng.publish.release.writing import freeze
from simulation import simulate
home, area = Home.find().create(), sys.argv[1]
simulate(home.landing, "2024-03", "2024-03", int(area), faults="usual", progress=False)
run(home, "2024-03", "2024-03", tolerate_refused=True)
open_ = read_manifest(main_of(home.drafts / "2024-03")).content["open_headlines"]
folder = freeze(home, "2024-03", "虚构卓玛", dt.datetime(2024, 4, 18, tzinfo=dt.UTC),
                accept_open=[each["indicator_id"] for each in open_])
shutil.copytree(folder / "prefecture", Path("in") / area)
"""


@pytest.mark.nightly
def test_four_homes_and_a_prefectures_by_real_files_and_signatures(tmp_path):
    """A month of each county; the prefecture's counts are the sums of what the simulator knows to be true."""
    for area in HAIBEI.counties:
        found_contracts(tmp_path / area / "contracts", area, None, None)
        made = called(tmp_path, area, COUNTY, area)
        assert made.returncode == 0, made.stderr[-2000:]
    found_contracts(tmp_path / "prefecture" / "contracts", "632200", None, None)
    keys = {area: signer(read_manifest(tmp_path / "in" / area)) for area in HAIBEI.counties}
    assert len(set(keys.values())) == 4
    lines = "".join(f"{area},{key}\n" for area, key in keys.items())
    (tmp_path / "keys.csv").write_text(f"area,key_id\n{lines}", encoding="utf-8")
    done = gathered(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "4/4个县" in done.stdout
    assert "不符" not in done.stdout
    texts = {"ref_area": pl.String, "definition_version": pl.String}
    out = pl.read_csv(tmp_path / "out" / "observations.csv", schema_overrides=texts)
    told = [
        pl.read_parquet(tmp_path / area / "landing/truth/observations.parquet") for area in keys
    ]
    both = beside_the_truth(out, pl.concat(told))
    assert both.height > 300
    assert both.filter(ref_area="6322").height > 50
    assert both["truth"].null_count() == 0
    assert both.filter((pl.col("obs_value") - pl.col("truth")).abs() > 1e-6).is_empty()


CELL = ["indicator_id", "time_period", "residence", "sex", "age_group", "category"]


def beside_the_truth(out: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Every county's cell that the gathered view shows, and the prefecture's counts and amounts, beside what is true of them."""
    counties = truth.filter(pl.col("ref_area").str.len_chars() == 6)
    added = [
        code
        for code, each in registry().items()
        if each.measure in ("stock", "flow", "ytd") and each.denominator is None
    ]
    whole = (
        counties.filter(pl.col("indicator_id").is_in(added))
        .filter(~(pl.col("obs_status") == "M").any().over(CELL))
        .group_by(CELL)
        .agg(pl.col("obs_value").sum().alias("truth"), pl.lit("6322").alias("ref_area").first())
    )
    own = counties.select(*CELL, pl.col("obs_value").alias("truth"), "ref_area")
    known = pl.concat([own, whole])
    shown = out.filter(pl.col("obs_status").is_in(["A", "E", "U"]))
    return shown.join(known, on=[*CELL, "ref_area"], how="inner")
