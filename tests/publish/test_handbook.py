"""The pages of docs/ that are made from the contracts are current, and a cell never breaks its table."""

import re

import pytest

from minzheng.contracts.datasets import dataset_names
from minzheng.contracts.indicators import registry
from minzheng.publish.handbook import DOCS, PAGES, table


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_the_contracts_say_now(name):
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make pages`"


def test_every_dataset_and_every_indicator_has_its_place():
    assert all(f"（`{name}`）" in PAGES["columns.zh-CN.md"]() for name in dataset_names())
    assert all(f"| `{code}` |" in PAGES["indicators.zh-CN.md"]() for code in registry())


@pytest.mark.parametrize("name", [name for name in PAGES if name != "data.md"])
def test_every_line_of_a_table_has_as_many_cells_as_its_heading(name):
    text = PAGES[name]()
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(cells) == 1, block


def test_a_bar_inside_a_cell_does_not_end_it():
    assert table(("a",), [("x|y\nz",)])[2] == "| x\\|y z |"
