"""What analysts do with a release through `minzheng.open`: find, read, compare, trace, ask; and what they cannot."""

import datetime as dt

import duckdb
import polars as pl
import pytest

import minzheng
from minzheng.contracts.indicators import registry
from minzheng.custody.home import Home
from minzheng.disclosure.frames import SCHEMAS
from minzheng.errors import MinzhengError, WrongCall
from minzheng.indicators.movement import PARTS
from minzheng.publish.analyst.handle import BadQuery, UnknownArea, UnknownIndicator, UnknownVintage
from tests.place import AREA, AREA_NAME
from tests.site.county import LATE, TOWNSHIPS
from tests.site.releases import FORMER


@pytest.fixture
def wh(home):
    with minzheng.open(home) as opened:
        yield opened


@pytest.mark.parametrize(
    ("vintage", "release"),
    [
        ("latest", "2024-03-r2"),
        ("2024-03", "2024-03-r2"),
        ("2024-03/r1", "2024-03-r1"),
        ("2024-03-r1", "2024-03-r1"),
        ("2024-02", "2024-02-r1"),
        (dt.date(2024, 5, 7), "2024-03-r1"),
        (dt.date(2024, 5, 8), "2024-03-r2"),
        (dt.datetime(2024, 4, 15, tzinfo=dt.UTC), "2024-02-r1"),
        ("2024-04-16", "2024-03-r1"),
    ],
)
def test_a_vintage_is_the_latest_a_month_a_revision_or_a_day(home, vintage, release):
    with minzheng.open(home, vintage=vintage) as opened:
        assert opened.release == release
        assert opened.table("observations")["release"].unique().to_list() == [release]


@pytest.mark.parametrize("vintage", ["2024-01", "2024-03/r3", "2024-03-01", "soon", ""])
def test_an_unknown_vintage_names_those_there_are(home, vintage):
    with pytest.raises(UnknownVintage, match="2024-03/r2"):
        minzheng.open(home, vintage=vintage)


def test_a_home_without_releases_says_what_to_do(tmp_path):
    with pytest.raises(UnknownVintage, match="minzheng release"):
        minzheng.open(tmp_path)


def test_the_home_is_found_by_the_environment(home, monkeypatch):
    monkeypatch.setenv("MINZHENG_HOME", str(home))
    with minzheng.open() as opened:
        assert repr(opened) == "<minzheng release 2024-03-r2, edition bureau>"


def test_all_indicators_are_listed_with_names_in_both_languages(wh):
    listed = wh.indicators()
    assert set(listed["code"]) == set(registry())
    assert listed.row(by_predicate=pl.col("code") == "inst_beds", named=True)["last"] == "2024-03"


def test_search_finds_every_word_in_codes_names_and_definitions(wh):
    found = wh.search("床位")["code"].to_list()
    assert {"inst_beds", "nursing_bed_share", "beds_total"} <= set(found)
    assert wh.search("床位 护理型")["code"].to_list() == [
        c for c in found if c in wh.search("护理型")["code"]
    ]
    assert wh.search("NURSING")["code"].to_list() == wh.search("nursing")["code"].to_list() != []
    assert wh.search("%").height < len(registry())  # a sign, not a pattern


@pytest.mark.parametrize(
    "name", ["nursing_bed_share", "养老机构护理型床位占比", "share of nursing beds in institutions"]
)
def test_codes_and_names_of_both_languages_name_an_indicator(wh, name):
    told = wh.info(name)
    assert (told.code, told.unit, told.levels) == ("nursing_bed_share", "%", ("county", "township"))
    assert (told.target, told.target_period, told.target_verified) == (55.0, "2025", True)
    assert (told.first, told.last) == ("2023-09", "2024-03")
    assert told.denominator == "inst_beds"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("nursing_bed_shares", "nursing_bed_share"),
        ("养老机构护理床位占比", "nursing_bed_share"),
        ("护理型", "nursing_beds"),
    ],
)
def test_a_wrong_name_gets_near_ones(wh, name, near):
    with pytest.raises(UnknownIndicator, match=near) as raised:
        wh.indicator(name)
    assert "没有指标" in raised.value.zh


def test_a_name_like_nothing_gets_no_suggestion(wh):
    with pytest.raises(UnknownIndicator, match="no indicator 'zzzz'$"):
        wh.info("zzzz")


def test_an_indicator_comes_by_county_township_months_and_area(wh):
    county = wh.indicator("inst_beds", start="2024-01", end="2024-02")
    assert county.select("area_name", "period", "value", "status").rows() == [
        (AREA_NAME, "2024-01", 420.0, "A"),
        (AREA_NAME, "2024-02", 420.0, "A"),
    ]
    townships = wh.indicator("养老机构床位数", by="township", start="2024-03")
    assert townships["area"].to_list() == TOWNSHIPS
    assert wh.indicator("inst_beds", area=["泉吉乡", AREA])["area"].unique().sort().to_list() == [
        AREA,
        TOWNSHIPS[3],
    ]
    assert wh.indicator("inst_beds", by="village").is_empty()
    both = wh.indicator("inst_beds", by=["county", "township"], start="2024-03")
    assert both["area"].to_list() == [AREA, *TOWNSHIPS]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda wh: wh.indicator("inst_beds", by="townships"), "did you mean 'township'?"),
        (lambda wh: wh.indicator("inst_beds", by=["county", "vilage"]), "did you mean 'village'?"),
        (lambda wh: wh.indicator("inst_beds", breakdown="age"), "did you mean 'age_group'?"),
        (lambda wh: wh.table("observation"), "did you mean 'observations'?"),
        (lambda wh: wh.indicator("inst_beds", by=7), "by is county, township, village, not 7"),
        (lambda wh: wh.indicator("inst_beds", start=2024), "not a month: 2024; write YYYY-MM"),
        (
            lambda wh: wh.indicator("inst_beds", area=int(f"{AREA}20")),
            f"no area {AREA}20; near: {AREA}",
        ),
        (lambda wh: wh.indicator(["inst_beds"]), "no indicator ['inst_beds']; near: inst_beds"),
        (lambda wh: wh.quality(township="泉吉"), f"near: {AREA}201 (泉吉乡)"),
    ],
)
def test_a_wrong_argument_gets_what_is_allowed_and_the_nearest(wh, ask, told):
    with pytest.raises(MinzhengError) as error:
        ask(wh)
    assert told in str(error.value)


def test_every_frame_becomes_a_pandas_frame(wh):
    assert list(wh.indicator("inst_beds").to_pandas().columns)[:3] == [
        "area",
        "area_name",
        "period",
    ]


def test_missing_withheld_and_not_applicable_keep_their_reason(wh):
    at = lambda code, area: wh.indicator(code, area=area, start="2024-03").row(0, named=True)  # noqa: E731
    assert (at("elder_assess_rate", LATE)["value"], at("elder_assess_rate", LATE)["status"]) == (
        None,
        "M",
    )
    assert (at("orphan_total", "吉尔孟乡")["value"], at("orphan_total", "吉尔孟乡")["status"]) == (
        None,
        "C",
    )
    assert at("vagrant_return_rate", AREA)["status"] == "L"
    assert at("dibao_coverage", AREA)["status"] == "E"


def test_breakdowns_come_when_asked_and_never_among_the_totals(wh):
    sexes = wh.indicator("dibao_rural_persons", breakdown="sex", start="2024-03")
    assert dict(sexes.select("sex", "value").iter_rows()) == {"F": 41.0, "M": 0.0}
    assert wh.indicator("dibao_rural_persons")["period"].is_unique().all()
    assert (
        wh.indicator("dibao_rural_persons", breakdown="all").height
        == 3 * wh.indicator("dibao_rural_persons").height
    )


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"by": "province"}, MinzhengError),
        ({"breakdown": "colour"}, MinzhengError),
        ({"area": "不存在乡"}, UnknownArea),
        ({"start": "2024"}, WrongCall),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(wh, wrong, error):
    with pytest.raises(error) as raised:
        wh.indicator("inst_beds", **wrong)
    assert "\n" not in str(raised.value)


def test_another_vintage_is_an_argument_away_and_shows_what_was_said_then(wh):
    then = wh.indicator(
        "inst_beds", area=AREA, start="2024-02", end="2024-02", vintage="2024-03/r1"
    )
    now = wh.indicator("inst_beds", area=AREA, start="2024-02", end="2024-02")
    assert (then["value"].item(), now["value"].item()) == (FORMER, 420.0)


def test_revisions_tell_release_old_and_new_value_and_reason(wh, home):
    one = wh.revisions("inst_beds").row(0, named=True)
    assert (one["release"], one["old_value"], one["new_value"], one["reason"]) == (
        "2024-03-r2",
        FORMER,
        420.0,
        "error",
    )
    late = wh.revisions("leftbehind_children").row(0, named=True)
    assert (late["old_status"], late["new_status"], late["reason"]) == ("M", "A", "late")
    with minzheng.open(home, vintage="2024-03/r1") as before:
        assert before.revisions().is_empty()


def test_progress_is_of_the_county_unless_an_area_is_named(wh):
    row = wh.progress().row(by_predicate=pl.col("indicator_id") == "nursing_bed_share", named=True)
    assert (row["ref_area"], row["gap_value"], row["name_zh"]) == (
        AREA,
        31.0,
        "养老机构护理型床位占比",
    )
    assert wh.progress(area="泉吉乡")["ref_area"].unique().to_list() == [TOWNSHIPS[3]]


def test_quality_and_lineage_name_files_and_states_never_people(wh):
    assert wh.quality(township="吉尔孟乡").filter(pl.col("state") == "missing")[
        "dataset"
    ].to_list() == ["elder_assess"]
    told = wh.lineage("nursing_bed_share").filter(pl.col("dataset") == "care_facility")
    assert told["township_code"].to_list() == TOWNSHIPS
    first = told.row(0, named=True)
    assert (first["title"], first["window"], first["sha256"]) == (
        "养老机构月报",
        "month",
        "ab" * 32,
    )
    assert (first["intake_no"], first["rows_accepted"]) == (10, 3)
    assert first["models"] == ["indicator/fact/facility.sql"]
    assessed = wh.lineage("elder_assess_rate").filter(pl.col("dataset") == "elder_assess")
    assert assessed["rows_accepted"].null_count() == assessed.height  # persons stand behind them
    assert LATE not in assessed["township_code"]
    assert wh.lineage("nursing_bed_share", area="泉吉乡")[
        "township_code"
    ].drop_nulls().unique().to_list() == [TOWNSHIPS[3]]


def test_a_headline_is_taken_apart_in_parts_that_add_up(wh):
    row = wh.movement("dibao_urban_persons").row(0, named=True)
    assert row["previous_value"] + sum(row[part] for part in PARTS) == row["value"]
    assert wh.movement("tekun_urban_persons")["reason"].to_list() == ["missing"]
    assert wh.movement("inst_beds").is_empty()


def test_areas_know_their_level_and_parent(wh):
    rows = {row["code"]: row for row in wh.areas().iter_rows(named=True)}
    assert (rows[AREA]["level"], rows[AREA]["parent"]) == ("county", None)
    assert (rows[LATE]["level"], rows[LATE]["parent"]) == ("township", AREA)


def test_queries_give_polars_frames_with_bound_parameters(wh):
    got = wh.sql("select count(*) as cells from observations where ref_area = $area", area=LATE)
    assert isinstance(got, pl.DataFrame)
    assert got["cells"].item() > 0


def test_only_the_published_tables_can_be_reached(wh, home):
    tables = wh.sql("select table_name from information_schema.tables order by 1")[
        "table_name"
    ].to_list()
    assert tables == sorted(SCHEMAS)
    columns = set(wh.sql("select column_name from information_schema.columns")["column_name"])
    assert not {
        name for name in columns if "person" in name or name.endswith("_key") or "account" in name
    }


@pytest.mark.parametrize(
    "query",
    [
        "delete from observations",
        "update observations set obs_value = 1",
        "create table mine as select 1",
        "drop table areas",
        "copy observations to '{home}/stolen.csv'",
        "select * from read_csv('{home}/published/2024-03/r2/bureau/observations.csv')",
        "attach '{home}/published/2024-02/r1/bureau/snapshot.duckdb' as other",
        "set enable_external_access = true",
        "install httpfs",
        "select * from nothing",
        "selec",
    ],
)
def test_a_query_that_writes_reaches_out_or_is_wrong_is_refused(wh, home, query):
    size = (home / "published/2024-03/r2/bureau/snapshot.duckdb").stat().st_size
    with pytest.raises(BadQuery) as raised:
        wh.sql(query.replace("{home}", str(home)))
    assert "\n" not in str(raised.value)
    assert not (home / "stolen.csv").exists()
    assert (home / "published/2024-03/r2/bureau/snapshot.duckdb").stat().st_size == size


def test_variables_of_the_caller_are_not_tables(wh):
    mine = pl.DataFrame({"a": [1]})  # noqa: F841
    with pytest.raises(BadQuery):
        wh.sql("select * from mine")


def test_a_running_pipeline_and_other_readers_are_not_in_the_way(wh, home):
    warehouse = Home(home).warehouse
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(warehouse)) as writer, minzheng.open(home) as second:
        writer.execute("create or replace table t as select 1")
        assert second.indicator("inst_beds").equals(wh.indicator("inst_beds"))


def test_a_closed_release_is_closed(home):
    with minzheng.open(home) as opened:
        pass
    with pytest.raises(BadQuery):
        opened.sql("select 1")


def test_plots_show_the_published_numbers_in_the_house_template(wh):
    from minzheng.publish.charts.figures import template

    trend = wh.plot.trend("inst_beds")
    assert list(trend.data[0].y) == wh.indicator("inst_beds")["value"].to_list()
    assert trend.layout.template.layout.font.to_plotly_json() == template()["layout"]["font"]
    assert len(wh.plot.progress().data) > 2
    assert {one.text for one in wh.plot.townships("inst_beds").layout.annotations} >= {
        "沙柳河镇",
        "吉尔孟乡",
    }
