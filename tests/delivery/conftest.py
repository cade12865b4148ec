"""A home with a drafted or released month: small editions with manifest and signature, as `publish` makes them."""

import datetime as dt
import functools
import hashlib
import shutil

import polars as pl
import pytest

from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.delivery import approvers
from minzheng.publish.release.manifest import signing_key, write_manifest
from tests.conftest import read_drawing
from tests.place import AREA

MONTH = "2024-03"
AUTHOR, APPROVER, PASSPHRASE = "虚构填报人", "虚构局长", "虚构的一句口令十个字"
NINE = dt.datetime(2024, 4, 18, 9, tzinfo=SHANGHAI)
FIGURES = f"""
indicator_id        | ref_area  | time_period | obs_value
dibao_urban_persons | {AREA}    | 2024-02     | 512
dibao_urban_persons | {AREA}    | 2024-03     | 514
nursing_bed_share   | {AREA}    | 2024-03     | 48.04
"""


def frame(drawing):
    """Observations in contract form, from the cells that are drawn; an empty value is a missing one."""
    headings, rows = read_drawing(drawing)
    cells = [dict(zip(headings, row, strict=True)) for row in rows]
    whole = [
        {
            "freq": "M", "residence": "_T", "sex": "_T", "age_group": "_T", "category": "_T", "numerator": None,
            "denominator": None, "decimals": 1, "unit_measure": "", "conf_status": "F", "lower_bound": None,
            "upper_bound": None, "definition_version": "1", "release": "", "note": None,
            "obs_status": "A" if one["obs_value"] else "M", **one,
            "obs_value": float(one["obs_value"]) if one["obs_value"] else None,
        }
        for one in cells
    ]  # fmt: skip
    return pl.DataFrame(whole, infer_schema_length=None)


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    """A signing key of the test's own."""
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "keys" / "key.json"))


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home").create()


def edition(
    folder, month=MONTH, revision=1, name="prefecture", drawing=FIGURES, report="虚构月报", **said
):
    """An edition's folder: report, figures, a form, manifest and signature."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "forms").mkdir(parents=True)
    (folder / "report.docx").write_text(report, encoding="utf-8")
    (folder / "forms" / "a1.csv").write_text("项目,数值\n低保,512\n", encoding="utf-8")
    frame(drawing).write_parquet(folder / "observations.parquet")
    content = {
        "release": f"{month}-r{revision}", "month": month, "edition": name, "state": "draft", "approval": None,
        "inputs": [], "checks": {"blocking": []}, "unmade": {}, "content_sha256": hashlib.sha256((report + drawing).encode()).hexdigest(), **said,
    }  # fmt: skip
    return write_manifest(folder, content, signing_key())


@pytest.fixture
def draft(home):
    """`draft()` drafts the month's editions as the next revision; what it is given goes into the edition."""

    def write(month=MONTH, revision=1, editions=("prefecture",), **said):
        for name in editions:
            edition(home.drafts / month / name, month, revision, name, **said)

    return write


@pytest.fixture
def freeze(home):
    """`freeze()` freezes the month's draft, as `minzheng release` does."""

    def write(month=MONTH, revision=1):
        shutil.copytree(home.drafts / month, home.published / month / f"r{revision}")

    return write


@pytest.fixture
def recipients(home):
    """`recipients(text)` writes delivery.toml."""

    def write(text):
        (home.path / "delivery.toml").write_text(text, encoding="utf-8")

    return write


key_of = functools.cache(approvers.private_key)


@pytest.fixture
def approver(home, monkeypatch):
    """Registers the approver, whose key is made of the passphrase once for all tests: that is slow on purpose."""
    monkeypatch.setattr(approvers, "private_key", key_of)
    with monkeypatch.context() as salted:
        salted.setattr(approvers.secrets, "token_bytes", bytes)
        approvers.admit(home, APPROVER, PASSPHRASE)
