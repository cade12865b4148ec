"""How an incomplete figure is told: what it lacks and what it may be, and nothing that another value within its bounds would deny."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.custody.trail import acts
from minzheng.errors import MinzhengError, WrongCall
from minzheng.publish.cell import Cell, Reference
from minzheng.publish.cells import Published
from minzheng.publish.charts.model import charts
from minzheng.publish.charts.svg import draw
from minzheng.publish.headlines import open_headlines
from minzheng.publish.release.manifest import read_manifest
from minzheng.publish.release.writing import freeze
from minzheng.publish.report.building import build_report
from minzheng.publish.report.ministry_form import FormRow
from minzheng.publish.report.ministry_form import change as form_change
from minzheng.publish.report.sentences import change, level, plain
from minzheng.publish.tables.sheets import status_text
from tests.place import AREA
from tests.publish.conftest import write_release

HERE = Reference("inst_beds", AREA, "2024-03")
BEFORE = Reference("inst_beds", AREA, "2024-02")
LACKS = "不含1家待更正"
NOON = dt.datetime(2024, 4, 15, 12, tzinfo=dt.UTC)


def beds(
    value: float | None,
    lower=None,
    upper=None,
    note: str = LACKS,
    where: Reference = HERE,
    state="value",
) -> Cell:
    """A count of beds; with bounds it is incomplete."""
    status = "U" if note and state == "value" else "A" if state == "value" else "L"
    return Cell(where, state, value, 0, "张", status, "1", note, lower, upper)


def whole(value: float, where: Reference = BEFORE) -> Cell:
    """A complete count of beds."""
    return beds(value, value, value, "", where)


def test_a_level_says_what_it_lacks_and_may_be():
    assert (
        plain(level(beds(256, 256, 332), "养老机构床位数"))
        == "养老机构床位数256张（不含1家待更正，可能为256—332）"
    )
    assert plain(level(beds(0, 0, 76), "床位数")) == "床位数0张（不含1家待更正，可能为0—76）"
    assert (
        plain(level(beds(256, note=LACKS + ",数额无法判读"), "床位数"))
        == "床位数256张（不含1家待更正，数额无法判读）"
    )
    nothing = beds(None, 52, 52, state="not_applicable")
    assert plain(level(nothing, "占比")) == "占比待更正后计算（不含1家待更正，可能为52）"


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (beds(256, 256, 332), whole(332), "与上月相比的增减待更正后才能确定"),
        (beds(256, 256, 332), whole(400), "比上月减少68—144张"),
        (beds(256, 256, 332), whole(200), "比上月增加56—132张"),
        (beds(256), whole(200), "与上月相比的增减待更正后才能确定"),
        (whole(300, HERE), beds(256, 256, 332, where=BEFORE), "与上月相比的增减待更正后才能确定"),
        (whole(332, HERE), whole(332), "与上月持平"),
        (whole(340, HERE), whole(332), "比上月增加8张"),
    ],
)
def test_a_change_is_told_only_where_every_value_within_the_bounds_tells_it(now, before, told):
    assert plain(change(now, before, "mom", "stock", False)) == told


def test_a_growth_is_told_as_far_as_it_holds():
    assert (
        plain(change(beds(256, 256, 332), whole(200), "yoy", "stock", False))
        == "同比增长28.0—66.0%"
    )
    assert "待更正" in plain(change(beds(256, 256, 332), whole(300), "yoy", "stock", False))


def test_tables_and_forms_never_show_it_bare():
    assert beds(0, 0, 76).text == "0（可能为0—76）"
    assert beds(5).text == "5（待更正）"
    assert status_text(beds(0, 0, 76)) == "不含1家待更正，可能为0—76"
    row = FormRow(name="床位", indicator="inst_beds")
    assert form_change(beds(256, 256, 332), whole(200), row) is None
    assert form_change(whole(250, HERE), whole(200), row) == 25.0


@pytest.fixture
def incomplete(frames, month):
    """The frames with the county's beds of the newest month incomplete: as printed down to none, up to ten times."""
    here = (
        (pl.col("ref_area") == AREA)
        & (pl.col("time_period") == month)
        & (pl.col("indicator_id") == "inst_beds")
    )
    told = {
        "obs_status": pl.lit("U"),
        "note": pl.lit(LACKS),
        "lower_bound": pl.lit(0.0),
        "upper_bound": pl.col("obs_value") * 10,
    }
    columns = [
        pl.when(here).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in told.items()
    ]
    return replace(frames, observations=frames.observations.with_columns(columns))


def test_the_report_tells_no_change_that_hangs_on_an_open_row(frames, incomplete, month):
    before, text = build_report(frames, month).text(), build_report(incomplete, month).text()
    assert "可能为" not in before.replace("“可能为”", "")
    cell = Published(incomplete, month).cell("inst_beds")
    assert (
        f"{cell.printed}张（不含1家待更正，可能为{cell.span}），与上月相比的增减待更正后才能确定"
        in text
    )


def test_an_incomplete_figure_that_is_withheld_is_drawn_and_told_as_withheld(incomplete, month):
    here = (pl.col("indicator_id") == "inst_beds") & (pl.col("time_period") == month)
    nothing = [
        pl.when(~here).then(pl.col(name)).alias(name)
        for name in ("obs_value", "lower_bound", "upper_bound")
    ]
    hidden = incomplete.observations.with_columns(
        *nothing, conf_status=pl.when(here).then(pl.lit("C")).otherwise("conf_status")
    )
    published = Published(replace(incomplete, observations=hidden), month)
    assert published.cell("inst_beds").text == "＊"
    assert open_headlines(published) == []
    assert all(draw(chart) for chart in charts(published))


def test_a_chart_draws_an_incomplete_month_as_an_open_point_with_a_band(frames, incomplete, month):
    drawn = {chart.id: chart for chart in charts(Published(incomplete, month))}
    whole_month = {chart.id: chart for chart in charts(Published(frames, month))}
    picture = draw(drawn["trend-inst_beds"])
    assert "stroke-opacity" in picture
    assert "可能为0—" in picture
    assert "stroke-opacity" not in draw(whole_month["trend-inst_beds"])
    assert "可能为" in drawn["trend-inst_beds"].alt


@pytest.fixture
def drafted(tmp_path, incomplete, month, signer, monkeypatch):
    """A home with a draft of the incomplete month."""
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "keys" / "key.json"))
    home = Home(tmp_path / "home").create()
    write_release(home.drafts / month / "bureau", month, incomplete, key=signer)
    yield home
    for path in [home.published, *home.published.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def test_a_draft_with_an_incomplete_headline_is_released_only_when_the_approver_names_it(
    drafted, month, signer
):
    (headline,) = read_manifest(drafted.drafts / month / "bureau").content["open_headlines"]
    assert (headline["indicator_id"], headline["lower_bound"]) == ("inst_beds", 0.0)
    with pytest.raises(MinzhengError, match="--accept-open inst_beds") as refused:
        freeze(drafted, month, "示例局长", NOON, signer)
    assert "不含1家待更正，可能为0—" in refused.value.zh
    with pytest.raises(WrongCall, match="dibao_new"):
        freeze(drafted, month, "示例局长", NOON, signer, accept_open=["inst_beds", "dibao_new"])
    folder = freeze(drafted, month, "示例局长", NOON, signer, accept_open=["inst_beds"])
    assert read_manifest(folder / "bureau").content["approval"]["accepted_open"] == ["inst_beds"]


def test_the_command_names_the_figure_and_the_trail_keeps_who_took_it_on(drafted, month):
    asked = ["release", "--home", str(drafted.path), "--month", month, "--approved-by", "示例局长"]
    refused = CliRunner().invoke(cli, asked)
    assert refused.exit_code == 1
    assert "inst_beds 养老机构床位数" in refused.output
    assert not (drafted.published / month).exists()
    done = CliRunner().invoke(cli, [*asked, "--accept-open", "inst_beds"])
    assert (drafted.published / month / "r1" / "bureau").is_dir(), done.output
    assert "without the public edition" in str(done.exception)  # the draft is a drawn one
    with Ledger(drafted) as ledger:
        acts_told = [act.about.get("accept_open") for act in acts(ledger) if act.what == "release"]
    assert "inst_beds" in acts_told[-1]
