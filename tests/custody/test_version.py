"""An older program does not write into a home that a newer one wrote; the same and an older home are opened."""

import pytest

from minzheng.custody.home import Home
from minzheng.custody.version import version
from minzheng.errors import MinzhengError
from minzheng.warehouse.connection import open_warehouse


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home").create()


def test_a_home_says_which_version_wrote_it(home):
    with open_warehouse(home):
        pass
    assert home.version.read_text() == version("minzheng")
    assert home.version.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("newer", ["99.0.0", "99.0.1rc1", "99"])
def test_an_upgrade_is_not_undone_by_an_older_program(home, newer):
    with open_warehouse(home):
        pass
    home.version.write_text(newer)
    before = home.warehouse.read_bytes()
    with (
        pytest.raises(MinzhengError, match=f"was written by minzheng {newer}") as error,
        open_warehouse(home),
    ):
        pass
    assert "请安装" in error.value.zh
    assert home.version.read_text() == newer
    assert home.warehouse.read_bytes() == before


@pytest.mark.parametrize("older", ["0.0.9", "", None])
def test_an_older_home_is_taken_over(home, older):
    if older is not None:
        home.version.write_text(older)
    with open_warehouse(home):
        pass
    assert home.version.read_text() == version("minzheng")
