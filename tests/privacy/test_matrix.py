"""The table of docs/privacy.md is true, and the repository holds no secret and no real person."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.place import AREA

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


ONLY_SOMEWHERE = {"nightly", "browser", "office", "nginx", "skip", "skipif", "xfail", "needs_root"}


def weakness(answer: str, root: Path) -> str | None:
    """Why the tests named in an answer prove nothing: none is named, one is not there or asserts nothing, none runs everywhere."""
    named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", answer)
    everywhere = False
    for path, name in named:
        tree = ast.parse((root / path).read_text(encoding="utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        if name not in functions:
            return f"{path} has no {name}"
        if not _asserts(functions[name], functions):
            return f"{path}::{name} asserts nothing"
        words = set(re.findall(r"\w+", " ".join(map(ast.unparse, functions[name].decorator_list))))
        everywhere = everywhere or words.isdisjoint(ONLY_SOMEWHERE)
    return None if everywhere else "no test that runs everywhere"


def _asserts(function: ast.FunctionDef, others: dict[str, ast.FunctionDef]) -> bool:
    """Whether it asserts or expects an error, itself or in a function of its file that it calls."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    called = [others[name] for name in names & others.keys() - {function.name}]
    checks = (
        isinstance(node, ast.Assert) or getattr(node, "attr", "") == "raises"
        for node in ast.walk(function)
    )
    return any(checks) or any(_asserts(each, {}) for each in called)


@pytest.mark.parametrize("line", rows())
def test_every_line_is_held_by_a_test_that_asserts_and_runs_everywhere(line):
    assert weakness(rows()[line], ROOT) is None


WEAK = """
import pytest

def looks():
    assert 1 < 2

def test_holds():
    looks()

def test_says_nothing():
    pass

@pytest.mark.nightly
def test_at_night():
    assert True
"""


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("a sentence of more than sixty characters is no proof, however well it reads", "no test that"),
        ("`tests/weak.py::test_gone`", "has no test_gone"),
        ("`tests/weak.py::test_holds`, `tests/weak.py::test_says_nothing`", "asserts nothing"),
        ("`tests/weak.py::test_at_night`", "no test that runs everywhere"),
        ("`tests/weak.py::test_at_night`, `tests/weak.py::test_holds`", ""),
    ],
)  # fmt: skip
def test_a_weak_proof_is_named(tmp_path, answer, why):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/weak.py").write_text(WEAK)
    assert why in (weakness(answer, tmp_path) or "")
    assert bool(why) == bool(weakness(answer, tmp_path))


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
            sorted(number for number in found if not number.startswith(AREA)), dtype=pl.String
        )
        assert not check_id_number(real)["valid"].any(), path.relative_to(ROOT)


def test_no_file_of_the_repository_holds_a_key():
    sign = re.compile(
        rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]|\"secret\": ?\"[A-Za-z0-9+/]{43}=\"|AKIA[0-9A-Z]{16}"
    )
    for path in tracked():
        assert not sign.search(path.read_bytes()), path.relative_to(ROOT)
