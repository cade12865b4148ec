"""A home with a landing folder, its keys, and one set of reading children for all tests of a session."""

import contextlib
import os
from pathlib import Path

import pytest

from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.intake import open_intake, take, take_in
from minzheng.intake.report import status
from minzheng.intake.sandbox import Sandbox


@pytest.fixture(scope="session")
def children():
    with Sandbox(1) as sandbox:
        yield sandbox


class County:
    """What a clerk and the keeper of the machine do: files arrive, an intake is run, somebody looks at the status."""

    def __init__(self, home: Home, keys: Keys, warehouse):
        self.home, self.keys, self.warehouse = home, keys, warehouse
        self.clock = 1_712_000_000  # 2 April 2024 in Beijing

    def arrives(self, name: str, content: bytes, at: int | None = None) -> Path:
        path = self.home.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.clock += 60
        os.utime(path, (at or self.clock, at or self.clock))
        return path

    def take_in(self):
        return take_in(self.home, self.warehouse, self.keys)

    def sends(self, name: str, content: bytes):
        """A file arrives and is taken in; its verdict."""
        self.arrives(name, content)
        return self.take_in().files[-1]

    def intake(self):
        return open_intake(self.home, self.warehouse, self.keys)

    def status(self, month=None):
        return status(self.home, month)

    def ask(self, query: str, **parameters):
        return self.warehouse.execute(query, parameters).fetchall()


@pytest.fixture
def county(tmp_path, warehouse, children, monkeypatch):
    monkeypatch.setattr(take, "Sandbox", lambda: contextlib.nullcontext(children))
    return County(Home(tmp_path / "home").create(), Keys.create(tmp_path / "key.json"), warehouse)
