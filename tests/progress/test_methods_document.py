"""The worked examples of docs/methods.md run and come out as printed."""

import doctest
from pathlib import Path

METHODS = Path(__file__).parents[2] / "docs" / "methods.md"


def test_the_worked_examples_come_out_as_printed():
    outcome = doctest.testfile(str(METHODS), module_relative=False, encoding="utf-8")
    assert outcome.attempted > 20
    assert outcome.failed == 0
