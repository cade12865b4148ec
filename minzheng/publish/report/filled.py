"""What an office writes by hand into a month's report: `report/<month>.toml` in the home. Unknown keys are refused."""

from pathlib import Path

from minzheng.contracts.datasets import Strict
from minzheng.contracts.handwritten import read_toml
from minzheng.custody.home import Home


class Filled(Strict):
    """What is filled in; an empty text is an open place."""

    changes: str = ""


def filled_file(home: Home, month: str) -> Path:
    """Where it is written."""
    return home.path / "report" / f"{month}.toml"


def filled(home: Home, month: str) -> Filled:
    """What is filled in for the month; everything open where there is no file."""
    return read_toml(filled_file(home, month), Filled)
