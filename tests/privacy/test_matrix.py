"""The table of docs/privacy.md is true, and the repository holds no secret and no real person."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "privacy.md"
REAL = re.compile(rb"(?<![0-9A-Za-z.])[1-6]\d{5}(?:19[3-9]\d|20[0-2]\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX](?![0-9A-Za-z])")  # fmt: skip
PUBLISHED = {
    b"11010519491231002X",
    b"440524188001010014",
    b"53010219200508011X",
}  # the examples in GB 11643 and textbooks


def rows() -> dict[str, str]:
    return dict(
        re.findall(
            r"^\| (C\d\d) \| [^|]+ \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
        )
    )


def test_every_line_of_the_matrix_is_answered():
    assert list(rows()) == [f"C{number:02d}" for number in range(1, 51)]


@pytest.mark.parametrize("line", rows())
def test_every_test_named_in_the_table_exists(line):
    named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", rows()[line])
    assert named or len(rows()[line]) > 60, "neither a test nor a reason"
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{name}"


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [
        path
        for name in listed.stdout.split(b"\0")
        if name and (path := ROOT / name.decode()).is_file()
    ]


def test_no_file_of_the_repository_holds_an_id_number_of_a_birth_that_could_be_real():
    import polars as pl

    from minzheng.id_number import check_id_number

    for path in tracked():
        found = {number.decode() for number in set(REAL.findall(path.read_bytes())) - PUBLISHED}
        real = pl.Series(
            sorted(number for number in found if not number.startswith("632224")), dtype=pl.String
        )
        assert not check_id_number(real)["valid"].any(), path.relative_to(ROOT)


def test_no_file_of_the_repository_holds_a_key():
    sign = re.compile(
        rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]|\"secret\": ?\"[A-Za-z0-9+/]{43}=\"|AKIA[0-9A-Z]{16}"
    )
    for path in tracked():
        assert not sign.search(path.read_bytes()), path.relative_to(ROOT)
