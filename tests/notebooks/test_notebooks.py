"""The notebooks: stripped of outputs, run to the end on a fictitious county, finding their home by themselves."""

import asyncio
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from minzheng.contracts.regions import townships
from minzheng.custody.home import Home
from minzheng.indicators.models import compute
from minzheng.warehouse.connection import open_warehouse
from tests.place import AREA
from tests.site.releases import county_home

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def read(path):
    """A notebook that keeps to the format, read as if the grammars of web addresses were not there: seconds to make them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "rfc3987_syntax", None)
        import nbformat

    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    return book


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = county_home(tmp_path_factory.mktemp("home"))
    roll(Home(folder))
    return folder


def roll(home):
    """A warehouse with a roll of seven fictitious persons, and the figures counted from it."""
    people = [
        ("a" * 32, 9, None),
        ("b" * 32, 35, "2"),
        ("c" * 32, 71, None),
        ("d" * 32, 64, "1"),
        ("e" * 32, None, None),
    ]
    rows = [
        ("2024-03", f"{AREA}100", f"{key[0]}" * 32, "农村低保", age, level, True)
        for key, age, level in people
    ]
    rows += [("2024-03", f"{AREA}101", letter * 32, "城市低保", 80, None, True) for letter in "fg"]
    names = "month, township_code, person_key, scheme, age, disability_level, active"
    with open_warehouse(home) as connection:
        connection.executemany(
            f"insert into register.dibao_roll ({names}) values (?, ?, ?, ?, ?, ?, ?)", rows
        )
        for place in townships():
            line = ("dibao_roll", "2024-03", place, 1, None, "", 0, 0)
            connection.execute(
                "insert into register.coverage values (?, ?, ?, ?, ?, ?, ?, ?)", line
            )
        compute(connection, ["2024-03"])


@pytest.fixture(scope="module")
def ran(home, tmp_path_factory):
    """Every notebook executed; name to notebook, or the error it stopped with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINZHENG_HOME", str(home))
        patch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
        # In a thread of its own: a browser test before it may have left a running loop in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(
                asyncio.run, run_all(tmp_path_factory.mktemp("elsewhere"))
            ).result()


async def run_all(folder):
    """One kernel for all, which loads the product once; each notebook begins with no name of the one before."""
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell

    kernel, done = AsyncKernelManager(kernel_name="python3"), {}
    await kernel.start_kernel(cwd=str(folder))
    try:
        for path in NOTEBOOKS:
            book = read(path)
            book.cells.insert(0, new_code_cell("%reset -f"))
            try:
                done[path.stem] = await NotebookClient(book, km=kernel, timeout=120).async_execute()
            except Exception as error:  # the test of that notebook tells it
                done[path.stem] = error
    finally:
        await kernel.shutdown_kernel(now=True)
    return done


def test_there_are_seven_notebooks():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06", "07"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs_and_without_paths(path):
    book = read(path)
    for cell in book.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [], cell.source
            assert cell.execution_count is None
        assert not re.search(r"/(home|tmp|work|root)/", cell.source)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_to_its_end(ran, path):
    done = ran[path.stem]
    if isinstance(done, Exception):
        raise done
    assert all(cell.execution_count for cell in done.cells if cell.cell_type == "code")


def told(ran, name):
    assert not isinstance(ran[name], Exception)
    outputs = [
        output for cell in ran[name].cells if cell.cell_type == "code" for output in cell.outputs
    ]
    return "\n".join(
        str(output.get("text") or output.get("data", {}).get("text/plain", ""))
        for output in outputs
    )


def test_the_notebooks_say_what_is_so_in_the_county(ran):
    assert "相近：nursing_bed_share" in told(ran, "01_tour")
    assert "200 ÷ 420 × 100 = 47.62" in told(ran, "02_trace_a_number")
    assert "2024-03/r1 408.0 → 2024-03/r2 420.0" in told(ran, "04_a_revision_explained")
    assert "完全相同" in told(ran, "05_report_figure_again")
    assert "2024-03：5个乡镇的人数与指标一致，共7人" in told(ran, "07_dibao_by_age_and_disability")
    assert re.search(
        r"每提高 1 元，一年至少多支出 \d+\.\d\d 万元", told(ran, "06_what_if_a_standard")
    )


def test_no_notebook_shows_anything_of_a_person(ran):
    for name in ran:
        assert not re.search(r"person_key|[0-9a-f]{32}|\b\d{17}[\dXx]\b", told(ran, name))
