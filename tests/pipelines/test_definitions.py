"""The graph reads as the house: every asset placed, titled, owned, with unit, clause and schema; loading stays light."""

import json
import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import defs

SNAPSHOT = Path(__file__).with_name("graph.json")
HEAVY = (
    "great_expectations",
    "plotly",
    "pandas",
    "scipy",
    "sqlalchemy",
    "sqlglot",
    "splink",
    "docx",
    "typst",
)
LAYERS = ("raw", "register", "lead", "indicator", "plan", "publication")


@pytest.fixture(scope="module")
def graph():
    return defs.resolve_asset_graph()


def nodes(graph):
    return sorted(graph.asset_nodes, key=lambda node: node.key.path)


def test_the_code_location_loads_without_heavy_libraries_and_says_how_long_it_took():
    code = (
        "import sys, time; t = time.perf_counter(); import pipelines.definitions as d; s = time.perf_counter() - t;"
        f"print(s, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, check=True, text=True
    )
    seconds, heavy = told.stdout.split(" ", 1)
    print(f"code location: {float(seconds):.2f} s")
    assert heavy.strip() == "[]"


def test_the_definitions_load():
    dg.Definitions.validate_loadable(defs)


def test_the_graph_is_the_one_that_was_agreed(graph):
    """After a change that is meant, write the picture anew: python tests/pipelines/test_definitions.py."""
    assert drawn(graph) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def drawn(graph) -> dict:
    return {
        "/".join(node.key.path): {
            "group": node.group_name,
            "owners": sorted(node.owners),
            "kinds": sorted(node.kinds),
            "deps": sorted("/".join(key.path) for key in node.parent_keys),
            "checks": sorted(key.name for key in node.check_keys),
        }
        for node in nodes(graph)
        if [key.path for key in node.parent_keys] != [["plan", "progress"]]  # a page an indicator
    }


def test_data_goes_one_way_through_the_layers(graph):
    place = {layer: step for step, layer in enumerate(LAYERS)}
    for node in nodes(graph):
        for parent in node.parent_keys:
            assert place[parent.path[0]] <= place[node.key.path[0]], (parent, node.key)


def test_every_group_begins_with_the_layer_of_its_assets(graph):
    assert all(node.group_name.split("/")[0] == node.key.path[0] for node in nodes(graph))


def test_the_first_line_of_every_description_is_plain_chinese_text(graph):
    for node in nodes(graph):
        first = node.description.splitlines()[0]
        assert re.search("[一-鿿]{3}", first), node.key
        assert not re.search(r"[*_#`\[\]<>]", first), node.key


def test_every_asset_has_an_owner_a_unit_a_clause_and_kinds(graph):
    for node in nodes(graph):
        assert node.owners, node.key
        assert node.kinds, node.key
        assert {"单位", "服务的规划条款"} <= set(node.metadata), node.key


def test_every_table_tells_its_columns_in_chinese_and_english(graph):
    for node in nodes(graph):
        if node.key.path[0] in ("plan", "publication"):
            continue
        for column in node.metadata["dagster/column_schema"].columns:
            chinese, english = column.description.split(" · ", 1)
            assert re.search("[一-鿿]", chinese), (node.key, column.name)
            assert re.search("[A-Za-z]", english), (node.key, column.name)


def test_a_pseudonym_is_not_called_an_identity_number(graph):
    schema = graph.get(dg.AssetKey(["register", "dibao_roll"])).metadata["dagster/column_schema"]
    told = {column.name: column.description for column in schema.columns}
    assert told["person_key"].startswith("代号，代替身份证号 · Pseudonym")


def test_every_job_says_what_it_changes_and_how_to_undo_it():
    for job in defs.jobs:
        text = defs.resolve_job_def(job.name).description
        assert "改什么" in text, job.name
        assert "怎么撤" in text, job.name


def test_a_job_runs_its_steps_in_one_process_in_order():
    month = defs.resolve_job_def("month")
    assert month.executor_def is dg.in_process_executor
    order = [node.name for node in month.graph.nodes_in_topological_order]
    wanted = [
        "register",
        "quality",
        "lead__lead",
        "indicator",
        "plan_progress",
        "publication__draft",
    ]
    assert [name for name in order if name in wanted] == wanted


def test_every_check_says_in_chinese_what_it_looks_at(graph):
    for key in graph.asset_check_keys:
        assert re.search("[一-鿿]{3}", graph.get_check_spec(key).description), key


if __name__ == "__main__":
    text = json.dumps(drawn(defs.resolve_asset_graph()), ensure_ascii=False, indent=1)
    SNAPSHOT.write_text(text + "\n", encoding="utf-8")
