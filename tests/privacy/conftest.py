"""A home with a few files of fictitious people taken in, and its keys."""

import contextlib
import shutil
from pathlib import Path

import pytest

from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.intake import open_intake, take, take_in
from minzheng.intake.sandbox import Sandbox
from minzheng.warehouse.connection import open_warehouse
from tests.intake.roster import csv_bytes, people, table, xlsx_bytes, zip_bytes
from tests.place import AREA_NAME

MONTH = "2024-03"


class Office:
    """A home at work: files arrive and are taken in; its warehouse is opened for each question."""

    def __init__(self, folder: Path):
        self.key_file = folder / "keys" / "key.json"
        self.home, self.keys = Home(folder / "home").create(), Keys.load(self.key_file)

    def has_received(self, stored: Path):
        """Be as the stored home is, which has taken in `rolls()`: ten times as fast as to receive them."""
        shutil.copytree(stored / "home", self.home.path, dirs_exist_ok=True)

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


@pytest.fixture(scope="session")
def stored(tmp_path_factory, children):
    """The folder with key and home of an office that has taken in `rolls()`; the others have its key."""
    folder = tmp_path_factory.mktemp("stored")
    Keys.create(folder / "keys" / "key.json")
    with pytest.MonkeyPatch.context() as patch:
        opened(folder, patch, children).receives(rolls())
    return folder


@pytest.fixture
def office(stored, tmp_path, monkeypatch, children):
    shutil.copytree(stored / "keys", tmp_path / "keys")
    return opened(tmp_path, monkeypatch, children)


def opened(folder, patch, children):
    """The office of a folder, with reading children that live on."""
    patch.setattr(take, "Sandbox", lambda: contextlib.nullcontext(children))
    patch.setenv("MINZHENG_KEY_FILE", str(folder / "keys" / "key.json"))
    return Office(folder)


@pytest.fixture
def busy(office, stored):
    """An office that has taken in `rolls()`."""
    office.has_received(stored)
    return office


def rolls(count: int = 12) -> dict[str, bytes]:
    """The same dozen people in a CSV of March, a workbook of April and an archive of May."""
    march = people(count)
    april = [row | {"统计月份": "2024-04"} for row in march]
    may = [row | {"统计月份": "2024-05"} for row in march]
    return {
        "2024-03/低保.csv": csv_bytes(march, encoding="gb18030"),
        "2024-04/低保.xlsx": xlsx_bytes(table(april, title=f"{AREA_NAME}2024年4月农村低保花名册")),
        "2024-05/包.zip": zip_bytes(
            {"低保.csv": csv_bytes(may, title=f"{AREA_NAME}2024年5月农村低保花名册")}
        ),
    }
