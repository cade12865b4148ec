import pytest

from tests import style
from tests.facts import facts, second_places
from tests.place import AREA
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


SECOND = {
    "minzheng/a.py": 'x = 1\nBLUE = "#0072b2"\n',
    "minzheng/b.py": 'x = 1\nWORD = "略滞后"\n',
    "assets/c.py": 'x = 1\nLEVELS = {"red": "红色"}\n',
    "contracts/d.yaml": "x: 1\nlate: 迟报补录\n",
    "minzheng/e.html": "<p>\n{{ '待确认' }}\n",
    "minzheng/f.py": 'x = 1\nTAKEN = (  "accept",\n  "accept_partial")\n',
    "sql/g.sql": "select 1\nwhere verdict in ('accept', 'accept_partial')\n",
    "quality/h.py": 'x = 1\nPARTS = ["residence", "sex", "age_group"]\n',
    "contracts/i.yaml": "x: 1\ncut_off_day: 15\n",
    "minzheng/l.py": 'x = 1\nTOWNSHIP_LENGTH = 9\n',
    "minzheng/m.py": 'x = 1\nSTART = "2021-01"\n',
    "minzheng/n.py": 'x = 1\nZONE = ZoneInfo("Asia/Shanghai")\n',
    "pipelines/j.py": "x = 1\nthreshold = 5\n",
    "minzheng/k.py": f'x = 1\nHERE = "{AREA}100"\n',
}  # fmt: skip


def test_a_second_place_of_each_fact_is_a_fault_with_file_and_line(tmp_path):
    for name, text in SECOND.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    lines = list(second_places(tmp_path))
    assert sorted(line.split(": ")[0] for line in lines) == sorted(f"{name}:2" for name in SECOND)
    assert {line.split(": ")[1].partition(" stand in ")[0] for line in lines} == {
        fact.name for fact in facts()
    }
