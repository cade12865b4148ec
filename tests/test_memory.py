"""What DuckDB may keep in memory comes from one setting; beyond it, it works on disk."""

import pytest

from minzheng.custody.home import Home
from minzheng.warehouse import connection
from minzheng.warehouse.connection import LOADING, open_warehouse


def limit(home, **given) -> str:
    with open_warehouse(home, **given) as connection:
        return connection.execute("select current_setting('memory_limit')").fetchall()[0][0]


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def test_the_setting_bounds_every_connection_that_asks_for_no_less(home):
    home.create().settings.write_text('[warehouse]\nmemory = "512MB"\n', encoding="utf-8")
    assert limit(home) == "488.2 MiB"
    assert limit(home, **LOADING) == "122.0 MiB"


@pytest.mark.parametrize(
    ("group", "half"), [("1073741824\n", "512.0 MiB"), ("max\n", None), (None, None)]
)
def test_without_it_half_of_the_machine_or_of_its_group_is_the_bound(
    home, monkeypatch, tmp_path, group, half
):
    monkeypatch.setattr(connection, "GROUP", tmp_path / "memory.max")
    if group:
        (tmp_path / "memory.max").write_text(group)
    monkeypatch.setattr(
        connection.os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1 << 20}.__getitem__
    )
    assert limit(home) == (half or "2.0 GiB")
