"""A home with a few files of fictitious people taken in, and its keys."""

import contextlib

import pytest

from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.intake import open_intake, take, take_in
from minzheng.intake.sandbox import Sandbox
from minzheng.warehouse.connection import open_warehouse
from tests.intake.roster import csv_bytes, people, table, xlsx_bytes, zip_bytes

MONTH = "2024-03"


class Office:
    """A home at work: files arrive and are taken in; its warehouse is opened for each question."""

    def __init__(self, home: Home, keys: Keys, key_file):
        self.home, self.keys, self.key_file = home, keys, key_file

    def receives(self, files: dict[str, bytes]):
        for name, content in files.items():
            path = self.home.landing / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        with open_warehouse(self.home, mending=True) as connection:
            return take_in(self.home, connection, self.keys)

    def ask(self, query: str, **parameters):
        with open_warehouse(self.home) as connection:
            return connection.execute(query, parameters).fetchall()

    def do(self, statement: str, **parameters):
        with open_warehouse(self.home) as connection:
            connection.execute(statement, parameters)

    def intake(self, connection):
        return open_intake(self.home, connection, self.keys)


@pytest.fixture(scope="session")
def children():
    with Sandbox(1) as sandbox:
        yield sandbox


@pytest.fixture
def office(tmp_path, monkeypatch, children):
    monkeypatch.setattr(take, "Sandbox", lambda: contextlib.nullcontext(children))
    key_file = tmp_path / "keys" / "key.json"
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(key_file))
    return Office(Home(tmp_path / "home").create(), Keys.create(key_file), key_file)


def rolls(count: int = 12) -> dict[str, bytes]:
    """The same dozen people in a CSV of March, a workbook of April and an archive of May."""
    march = people(count)
    april = [row | {"统计月份": "2024-04"} for row in march]
    may = [row | {"统计月份": "2024-05"} for row in march]
    return {
        "2024-03/低保.csv": csv_bytes(march, encoding="gb18030"),
        "2024-04/低保.xlsx": xlsx_bytes(table(april, title="刚察县2024年4月农村低保花名册")),
        "2024-05/包.zip": zip_bytes(
            {"低保.csv": csv_bytes(may, title="刚察县2024年5月农村低保花名册")}
        ),
    }
