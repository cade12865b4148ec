"""A home of its own for each test, with its key, and an instance of Dagster whose history lies in it."""

import dagster as dg
import pytest

from minzheng.custody.home import Home
from pipelines.instance import prepare
from tests.place import AREA


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home with the settings file, at which this process points."""
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "key.json"))
    for name in ("DAGSTER_HOME", "MINZHENG_HOME"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    found = Home(tmp_path / "home").create()
    prepare(found)
    return found


@pytest.fixture
def instance(home):
    """The instance of the home, with the real storage."""
    with dg.DagsterInstance.get() as found:
        yield found


@pytest.fixture
def resource(home):
    """The home as the assets, sensors and jobs are given it."""
    from assets.resources import HomeResource

    return HomeResource(path=str(home.path))


@pytest.fixture(scope="session")
def accepted():
    """`accepted(home, month)` notes in ledger and warehouse that a township's dibao roll came and was accepted."""
    from minzheng.custody.ledger import Ledger
    from minzheng.warehouse.connection import open_warehouse

    def note(home, month):
        facts = {
            "dataset": "dibao_roll",
            "month": month,
            "verdict": "accept",
            "townships": [f"{AREA}100"],
        }
        facts |= {"rows_quarantined": 0, "reasons": [], "flags": [], "amount_accepted": None}
        with Ledger(home) as ledger:
            told = facts | {"received_at": f"{month}-28T09:00:00+08:00"}
            number = ledger.next_intake_no()
            ledger.record("loaded", told, intake_no=number, sha256="0")
        with open_warehouse(home, mending=True) as connection:
            connection.execute(
                "insert into raw.file (intake_no, sha256, dataset, month, township_codes, verdict, received_at)"
                f" values (?, '0', 'dibao_roll', ?, '{AREA}100', 'accept', ?)",
                [number, month, told["received_at"]],
            )

    return note


def pytest_addoption(parser):
    parser.addoption(
        "--take-pictures", action="store_true", help="write the manual's pictures anew"
    )
