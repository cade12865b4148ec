"""The bureau's analysts and the pseudonymous register: read-only, on a copy, each opening on record."""

import polars as pl
import pytest

import minzheng
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.custody.trail import acts
from minzheng.errors import MinzhengError, WrongCall
from minzheng.publish.analyst.reader import BadQuery
from minzheng.warehouse.connection import open_warehouse
from tests.intake.roster import id_number
from tests.place import AREA

NUMBER = id_number("19560304", 901)
PERSON = "0123456789abcdef" * 2


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    with open_warehouse(home) as connection:
        connection.execute(
            "insert into register.dibao_roll (month, township_code, person_key, sex, age, active) values"
            f" ('2024-03', '{AREA}100', ?, 'F', 71, true), ('2024-02', '{AREA}100', ?, 'F', 71, true)",
            [PERSON, PERSON],
        )
    return home


def trail(home):
    with Ledger(home) as ledger:
        return [(act.what, act.about.get("purpose")) for act in acts(ledger)]


def test_rows_come_as_frames_and_by_sql_and_nothing_stays_behind(home):
    with minzheng.microdata(home, purpose="结构分析") as register:
        assert list(home.work.glob("microdata-*")) == []  # a killed notebook leaves nothing either
        assert register.table("dibao_roll", "2024-03").select("person_key", "age").rows() == [
            (PERSON, 71)
        ]
        assert (
            register.sql("select count(*) as n from register.dibao_roll where sex = $sex", sex="F")[
                "n"
            ].item()
            == 2
        )
        assert set(register.tables()["schema"]) == {"register", "indicator"}
        named = {
            column
            for name in register.tables().filter(schema="register")["name"]
            for column in register.table(name).columns
        }
        assert not named & {"person_name", "person_id_no", "bank_account", "birth_date", "phone"}
    assert list(home.work.glob("microdata-*")) == []


def test_each_opening_is_on_record_with_its_purpose_before_anything_is_read(home, monkeypatch):
    from minzheng.publish.analyst import microdata as register_rows

    monkeypatch.setattr(
        register_rows,
        "_copied",
        lambda *_: pytest.fail("read before it was written down") if not trail(home) else 1 / 0,
    )
    with pytest.raises(ZeroDivisionError):
        minzheng.microdata(home, purpose=" 结构分析 ")
    assert trail(home) == [("open microdata", "结构分析")]
    assert list(home.work.glob("microdata-*")) == []


def test_a_purpose_is_asked_for_and_holds_no_number(home):
    with pytest.raises(WrongCall, match="needs a purpose"):
        minzheng.microdata(home, purpose="  ")
    with pytest.raises(MinzhengError):
        minzheng.microdata(home, purpose=f"查 {NUMBER} 的情况")
    assert trail(home) == []


@pytest.mark.parametrize(
    "query",
    [
        "delete from register.dibao_roll",
        "create table mine as select 1",
        "select * from raw.file",
        "select * from read_csv('/etc/passwd')",
        "attach '{home}/warehouse/minzheng.duckdb' as whole",
        "selec",
    ],
)
def test_what_writes_reaches_out_or_is_wrong_is_refused(home, query):
    with minzheng.microdata(home, purpose="试") as register, pytest.raises(BadQuery):
        register.sql(query.replace("{home}", str(home.path)))


def test_a_run_that_holds_the_warehouse_is_not_kept_waiting_and_does_not_keep_us(home):
    with open_warehouse(home) as connection:
        with minzheng.microdata(home, purpose="试") as register:
            before = register.table("dibao_roll").height
            connection.execute(
                "insert into register.dibao_roll (month, active) values ('2024-04', true)"
            )
            assert register.table("dibao_roll").height == before == 2
        with minzheng.microdata(home, purpose="试") as register:
            assert register.table("dibao_roll").height == 3


def test_a_copy_made_while_it_was_written_to_is_made_again(home, monkeypatch):
    from minzheng.publish.analyst import microdata as register_rows

    real, seen = register_rows._stamps, []

    def stamps(home):
        seen.append(1)
        return {
            path: (size, len(seen) if len(seen) < 4 else 0)
            for path, (size, _) in real(home).items()
        }

    monkeypatch.setattr(register_rows, "_stamps", stamps)
    with minzheng.microdata(home, purpose="试") as register:
        assert register.table("dibao_roll").height == 2
    assert len(seen) >= 6
    monkeypatch.setattr(register_rows, "PATIENCE", -1)
    seen[:] = []
    with pytest.raises(MinzhengError, match="written to all the time"):
        minzheng.microdata(home, purpose="试")


def test_sums_can_be_exported_and_pseudonyms_and_numbers_cannot(home, tmp_path):
    with minzheng.microdata(home, purpose="结构分析") as register:
        told = register.sql(
            "select township_code, count(*) as persons from register.dibao_roll group by all"
        )
        assert (
            register.export(told, tmp_path / "sums.csv").read_text(encoding="utf-8-sig")
            == f"township_code,persons\n{AREA}100,2\n"
        )
        for frame in (
            register.table("dibao_roll"),
            register.sql("select person_key as who from register.dibao_roll"),
            pl.DataFrame({"x": [NUMBER]}),
        ):
            with pytest.raises(MinzhengError):
                register.export(frame, tmp_path / "rows.csv")
    assert not (tmp_path / "rows.csv").exists()
    assert trail(home)[-1] == ("export from microdata", "结构分析")


def test_an_account_that_may_not_read_the_warehouse_is_told_so(home, monkeypatch):
    from minzheng.publish.analyst import microdata as register_rows

    def refused(*_):
        raise PermissionError

    monkeypatch.setattr(register_rows.shutil, "copyfile", refused)
    with pytest.raises(MinzhengError, match="only its keeper") as fault:
        minzheng.microdata(home, purpose="试")
    assert "保管人" in fault.value.zh
    with pytest.raises(MinzhengError, match="no warehouse"):
        minzheng.microdata(Home(home.path / "nowhere"), purpose="试")
