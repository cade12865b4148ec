# ruff: noqa: E501
"""`import minzheng` stays light and offers what the contract names."""

import subprocess
import sys

import pytest

import minzheng

HEAVY = ("polars", "duckdb", "pydantic", "scipy", "dagster", "plotly", "great_expectations")


def test_nothing_heavy_is_loaded_by_the_import():
    asked = f"import sys, minzheng; print([name for name in {HEAVY} if name in sys.modules])"
    assert (
        subprocess.run(
            [sys.executable, "-c", asked], capture_output=True, text=True, check=True
        ).stdout
        == "[]\n"
    )


def test_the_functions_of_the_contract_are_listed_and_found():
    names = {
        "assess_progress",
        "audit",
        "check_id_number",
        "combine_scores",
        "id_number_parts",
        "open",
        "outliers",
        "protect",
    }
    assert names <= set(dir(minzheng))
    assert (
        minzheng.assess_progress(
            14.5, 2015, 10.2, 2023, target=7.25, target_year=2030, direction=-1
        ).score
        > 2.5
    )
    assert minzheng.combine_scores([1, 3]).score == 2
    assert minzheng.outliers([0] * 10 + [9], "z_score")[0].index == 10


def test_a_function_is_not_hidden_by_importing_its_module_first():
    asked = "import minzheng.indicators.outliers, minzheng.progress.table, minzheng; print(callable(minzheng.outliers))"
    assert (
        subprocess.run(
            [sys.executable, "-c", asked], capture_output=True, text=True, check=True
        ).stdout
        == "True\n"
    )


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = minzheng.nothing
