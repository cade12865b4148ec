import pytest

from tests import style
from tests.style import faults, lost_citations, main

ONE = "rows = [row for row in table if row]\n"
NESTED = "rows = [[cell for cell in row] for row in table]\n"
TWO = "whole = {1: 2}\ncells = {cell for row in table for cell in row}\n"


def test_a_second_for_in_a_comprehension_is_a_fault_with_file_and_line(tmp_path):
    for name, text in {"one": ONE, "nested": NESTED, "two": TWO}.items():
        (tmp_path / f"{name}.py").write_text(text)
    assert [*faults(tmp_path / "one.py"), *faults(tmp_path / "nested.py")] == []
    (line,) = faults(tmp_path / "two.py")
    assert line.startswith(f"{tmp_path / 'two.py'}:2: a comprehension has one `for`:")


def test_the_house_has_none(capsys):
    assert main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("cited", "line"),
    [("_G99", "a.sql:3: _G99 stands not in contracts/conventions.yaml"), ("sql/gone.sql", "a.sql:3: there is no file sql/gone.sql")],
)  # fmt: skip
def test_a_citation_that_leads_nowhere_is_a_fault_with_file_and_line(monkeypatch, cited, line):
    def two(pattern):
        return [("a.sql:2", "_G02"), ("a.sql:3", cited)] if pattern.search(cited) else []

    monkeypatch.setattr(style, "citations", two)
    assert [one for one in lost_citations() if "_G02" not in one] == [line]
