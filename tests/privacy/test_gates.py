"""Everything that leaves passes the egress gate: figures, filled forms, mail, the run history that planners read."""

import dagster as dg
import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from minzheng.commands import observations as module
from minzheng.commands.observations import command as observations
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.operations import alerts
from minzheng.publish.report.cell_map import CellMap, fill_workbook
from pipelines.instance import instance
from tests.intake.roster import id_number

ID = id_number("19560304", 901)


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("DAGSTER_HOME", "MINZHENG_HOME"):
        monkeypatch.setenv(name, "")  # so that what the code sets is put back
    return Home(tmp_path / "home").create()


@pytest.mark.parametrize("restricted", [False, True])
def test_figures_that_hold_a_number_are_not_written(home, tmp_path, monkeypatch, restricted):
    told = pl.DataFrame({"note": [f"见{ID}"]})
    monkeypatch.setattr(module, "current_observations", lambda *_, **__: told)
    to = tmp_path / "out" / "figures.parquet"
    result = CliRunner().invoke(
        observations, ["--home", str(home.path), "--to", str(to), *["--restricted"] * restricted]
    )
    assert "refused to let this out" in str(result.exception)
    assert ID not in str(result.exception)
    assert not to.exists()


def test_a_filled_form_that_holds_a_number_is_not_written(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = ID
    book.save(tmp_path / "form.xlsx")
    with pytest.raises(MinzhengError, match="filled.xlsx"):
        fill_workbook(
            tmp_path / "form.xlsx", CellMap(title="", sheets=[]), None, tmp_path / "filled.xlsx"
        )
    assert not (tmp_path / "filled.xlsx").exists()


def test_a_mail_that_holds_a_number_is_not_sent():
    settings = alerts.Mail(host="mail.invalid", sender="a@example.org", to=["b@example.org"])
    with pytest.raises(MinzhengError, match="refused to let this out"):
        alerts.mail(
            settings,
            alerts.Alert(key="k", kind="failed", zh=f"文件{ID}.csv", en="", since="2024-04-01"),
        )


@pytest.mark.parametrize(
    "hide", [str, lambda text: dg.MetadataValue.md(f"| {text} |"), lambda text: {"a": [int(text)]}]
)
def test_the_run_history_takes_no_number(home, hide):
    number = next(one for n in range(900, 999) if (one := id_number("19560304", n)).isdigit())
    with instance(home) as history:
        harmless = dg.AssetMaterialization("a", metadata={"行数": 12, "文件": "低保.csv"})
        history.report_runless_asset_event(harmless)
        with pytest.raises(MinzhengError, match="run history: id_number"):
            history.report_runless_asset_event(
                dg.AssetMaterialization("a", metadata={"文件": hide(number)})
            )
        assert len(history.fetch_materializations(dg.AssetKey("a"), limit=5).records) == 1
