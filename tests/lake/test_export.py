"""What a county's home gives a province: its register, month by month, under pseudonyms that are the same in every county."""

import duckdb
import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.custody.egress import scan_folder
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.errors import MinzhengError
from minzheng.intake import take_in
from minzheng.operations import exporting
from minzheng.operations.exporting import export
from minzheng.warehouse.connection import open_warehouse
from minzheng.warehouse.lake import Lake, refuse_mixed
from minzheng.warehouse.register import build_register
from tests.intake.roster import people
from tests.place import AREA
from tests.privacy.conftest import rolls

MONTHS = ["2024-03", "2024-04", "2024-05"]


@pytest.fixture
def province(tmp_path):
    return Keys.create(tmp_path / "province" / "key.json")


@pytest.fixture
def home(office):
    """A dozen persons in three files of three months, the register built."""
    office.receives(rolls())
    with open_warehouse(office.home) as connection:
        build_register(connection, MONTHS)
    return office


def rows(lake, table, columns="*"):
    files = f"{lake}/register/county={AREA}/month=*/{table}.parquet"
    with duckdb.connect() as connection:
        return connection.execute(
            f"select {columns} from read_parquet('{files}', hive_partitioning = false) order by all"
        ).fetchall()


@pytest.mark.parametrize("table", ["dibao_roll", "coverage"])
def test_the_register_comes_whole_but_for_pseudonyms_types_included(
    home, province, tmp_path, table
):
    assert export(home.home, home.keys, province, tmp_path / "lake") == MONTHS
    kinds = home.ask(f"select column_name, column_type from (describe register.{table})")
    files = f"{tmp_path}/lake/register/county={AREA}/month=*/register.{table}.parquet"
    with duckdb.connect() as reader:
        told = f"describe select * from read_parquet('{files}', hive_partitioning = false)"
        assert reader.execute(f"select column_name, column_type from ({told})").fetchall() == kinds
    columns = ", ".join(name for name, _ in kinds if not name.endswith("_key"))
    own = home.ask(f"select {columns} from register.{table} order by all")
    assert rows(tmp_path / "lake", f"register.{table}", columns) == own != []


def test_a_person_has_one_pseudonym_in_the_lakes_of_two_counties_and_a_household_two(
    home, province, tmp_path, monkeypatch
):
    other = Home(tmp_path / "other").create()
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "other.json"))
    keys = Keys.create(tmp_path / "other.json")
    for name, content in rolls().items():
        path = other.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with open_warehouse(other, mending=True) as connection:
        take_in(other, connection, keys)
        build_register(connection, MONTHS)
    export(other, keys, province, tmp_path / "b")
    monkeypatch.setattr(exporting, "county", lambda: AREA)
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(home.key_file))
    export(home.home, home.keys, province, tmp_path / "a")
    persons = [rows(tmp_path / lake, "register.dibao_roll", "person_key") for lake in "ab"]
    assert persons[0] == persons[1]
    assert {province.pseudonym("person", one["身份证号"]) for one in people(12)} == {
        key for (key,) in persons[0]
    }
    households = [rows(tmp_path / lake, "register.dibao_roll", "household_key") for lake in "ab"]
    assert not set(households[0]) & set(households[1])
    refuse_mixed(Lake(tmp_path / "a"))


def test_no_identity_no_file_name_and_no_refused_cell_leaves_the_county(home, province, tmp_path):
    home.do(
        "insert into raw.quarantine (intake_no, dataset, month, masked_value, sentence) values (1, 'dibao_roll', '2024-03', '卓*', '姓名')"
    )
    export(home.home, home.keys, province, tmp_path / "lake")
    assert scan_folder(tmp_path / "lake", {row["姓名"] for row in people(12)}) == []
    names = {name for (name,) in home.ask("select name from raw.file")}
    assert not names & {name for (name,) in rows(tmp_path / "lake", "raw.file", "name")}
    refused = rows(tmp_path / "lake", "raw.quarantine", "dataset, masked_value, sentence")
    assert refused == [("dibao_roll", None, None)]


def test_an_export_that_dies_leaves_the_lake_as_it_was(home, province, tmp_path, monkeypatch):
    lake = tmp_path / "lake"
    export(home.home, home.keys, province, lake)
    before = sorted(path.name for path in (lake / "register" / f"county={AREA}").iterdir())

    def dies(folder, about):
        if about.month == MONTHS[-1]:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "write_about", dies)
    with pytest.raises(OSError, match="No space"):
        export(home.home, home.keys, province, lake)
    assert sorted(path.name for path in (lake / "register" / f"county={AREA}").iterdir()) == before


def test_the_countys_own_key_and_a_second_key_of_a_province_are_refused(
    home, province, tmp_path, monkeypatch
):
    with pytest.raises(MinzhengError, match="the province's key is the county's own"):
        export(home.home, home.keys, home.keys, tmp_path / "lake")
    assert not (tmp_path / "lake").exists()
    monkeypatch.setattr(exporting, "county", lambda: "632223")
    export(home.home, home.keys, province, tmp_path / "lake")
    monkeypatch.undo()
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(home.key_file))
    with pytest.raises(MinzhengError, match=r"county 632223 lies in .* a province has one key"):
        export(home.home, home.keys, Keys("other", b"o" * 32), tmp_path / "lake")


def test_the_command_takes_the_key_beside_the_countys_own_and_is_written_down(home, tmp_path):
    Keys.create(home.key_file.with_name("province.json"))
    told = CliRunner().invoke(
        cli, ["export", "--home", str(home.home.path), "--lake", str(tmp_path / "lake")]
    )
    assert (told.exit_code, told.output) == (
        0,
        f"3 months exported to {tmp_path / 'lake'}, 2024-03..2024-05\n",
    )
    trail = CliRunner().invoke(cli, ["audit-trail", "--home", str(home.home.path)])
    assert "export" in trail.output
