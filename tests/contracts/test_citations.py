"""Whoever follows a citation in code, SQL or contracts arrives: at a convention, a section of the sources, a file."""

import re
import subprocess
from pathlib import Path

import pytest

from minzheng.contracts.conventions import conventions
from minzheng.contracts.paths import ROOT

CITED = re.compile(r"(?<!\w)_[GC]\d{1,2}\b")
SECTION = re.compile(r"docs/sources\.md,?(?: sections?)? (\d(?:\.\d)?(?:-\d\.\d)?(?:, \d\.\d)*)")
FILE = re.compile(
    r"(?<![\w/.])((?:docs|contracts|sql|minzheng|quality|tests)/[\w/]+\.(?:md|yaml|csv|sql|py))\b"
)


def files() -> list[Path]:
    """Every text of ours that may cite; tests draw files of their own."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py", "*.sql", "*.yaml", "*.md"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    return [
        ROOT / name for name in listed if not name.startswith("tests/") and (ROOT / name).is_file()
    ]


def citations(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """File and line with each thing cited."""
    return [
        (f"{path.relative_to(ROOT)}:{number}", match[match.lastindex or 0])
        for path in files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in pattern.finditer(line)
    ]


def test_every_convention_that_is_cited_stands_in_the_file_of_conventions():
    found = citations(CITED)
    assert len(found) > 100
    assert [one for one in found if one[1] not in conventions()] == []


def test_every_section_of_the_sources_that_is_cited_is_a_heading_there():
    text = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^### (\d(?:\.\d)?) ", text, re.M))
    found = [
        (where, section)
        for where, cited in citations(SECTION)
        for section in re.findall(r"\d(?:\.\d)?", cited)
    ]
    assert len(found) > 40
    assert [one for one in found if one[1] not in headings] == []


def test_every_file_that_is_cited_is_there():
    found = citations(FILE)
    assert [one for one in found if not (ROOT / one[1]).is_file()] == []


@pytest.mark.parametrize("lost", ["policy facts", "lead_rules.csv", "outputs.md", "inputs.md"])
def test_no_citation_points_to_what_is_no_file_of_the_project(lost):
    assert [where for where, _ in citations(re.compile(re.escape(lost)))] == []
