"""What the tests share: an empty warehouse in memory, tables drawn as text, and a browser."""

import gc
import os
import shutil
import sys
from pathlib import Path

import duckdb
import pytest

from minzheng.contracts.regions import county
from minzheng.warehouse.connection import LAYERS, create_tables, set_months

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


# Compile once: a third of a command's processor time is compiling, and tests start hundreds of them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture(scope="session")
def emptied():
    """`emptied()` connects to a warehouse in memory with every table and no row; whoever had it before has lost it.

    Tables copied from a template are there in a seventh of the time that making them takes.
    """
    dropped = ";".join(f"drop schema if exists {layer} cascade" for layer in LAYERS)
    with duckdb.connect() as instance:
        instance.execute("attach ':memory:' as template; use template")
        create_tables(instance)
        instance.execute("use memory")

        def empty():
            instance.execute(f"{dropped}; copy from database template to memory (schema)")
            return instance.cursor()

        yield empty


@pytest.fixture
def warehouse(emptied):
    """An empty warehouse with every table, in memory."""
    connection = emptied()
    yield connection
    connection.close()


def _as_before():
    """Whichever home the command line was called for meanwhile, afterwards nobody is asked for it."""
    before = os.environ.get("MINZHENG_HOME")
    yield
    if before is None:
        os.environ.pop("MINZHENG_HOME", None)
    else:
        os.environ["MINZHENG_HOME"] = before


_home_of_a_file = pytest.fixture(_as_before, scope="module", autouse=True)
_home_of_a_test = pytest.fixture(_as_before, autouse=True)


def read_drawing(drawing: str) -> tuple[list[str], list[list[str | None]]]:
    """The headings and rows of a table drawn with `|`; an empty cell is None."""
    lines = [line.strip() for line in drawing.strip().splitlines() if line.strip()]
    cells = [[cell.strip() or None for cell in line.strip("|").split("|")] for line in lines]
    return cells[0], [row + [None] * (len(cells[0]) - len(row)) for row in cells[1:]]


OF_A_COUNTY = ("asset_hit", "cpi_series", "death_list", "policy_param")
"""Lists whose rows name no place: they speak for the counties of their file."""


def sent_by_the_county(connection, table: str) -> None:
    """What a drawing holds of a county's own list the county sent, where no file is said to have brought it."""
    name = table.removeprefix("register.")
    if name not in OF_A_COUNTY:
        return
    connection.execute(f"update {table} set intake_no = coalesce(intake_no, 1)")
    connection.execute(
        f"""insert into register.coverage by name
            select distinct '{name}' as dataset, month, '{county()}' as township_code, intake_no, '' as absent_columns
            from {table} as told
            where (month, intake_no) not in (
                select (month, intake_no) from register.coverage where dataset = '{name}'
            )"""
    )


@pytest.fixture
def given(warehouse):
    """`given("register.dibao_roll", drawing)` fills a table; columns that are not drawn are NULL.

    `given.months("2024-03", ...)` sets the months to compute.
    """

    def fill(table: str, drawing: str) -> None:
        headings, rows = read_drawing(drawing)
        marks = ", ".join("?" for _ in headings)
        warehouse.executemany(f"insert into {table} ({', '.join(headings)}) values ({marks})", rows)
        sent_by_the_county(warehouse, table)

    fill.months = lambda *months: set_months(warehouse, months)
    return fill


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, for one module: while it runs, the thread counts as inside an event loop.

    In there neither a second browser starts nor Dagster ends its own loops, so it is not kept for the modules that follow.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """Each test begins with an ordinary shell's umask: whoever loads the pipeline makes private files only ever after."""
    os.umask(0o022)


def one_thread(connect):
    """DuckDB's `connect` with one thread where the caller names no number."""

    def connected(database=":memory:", read_only=False, config=None):
        return connect(database, read_only, {"threads": 1} | (config or {}))

    return connected


def pytest_configure(config):
    """Tables of a few rows are two thirds of the work with one thread; the long run has as many as the machine, as users have."""
    if not config.getoption("--run-nightly"):
        duckdb.connect = one_thread(duckdb.connect)


def pytest_addoption(parser):
    parser.addoption(
        "--run-nightly", action="store_true", help="also run the long forms of the tests"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Nothing that is loaded for six thousand tests is garbage: looking for it took a fifth of each worker's start."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


LONG = (
    "test_main_job.py",
    "site/test_browser.py",
    "lake/test_cluster.py",
    "indicator/test_delay.py",
    "indicator/test_definitions.py",
    "indicator/test_incremental.py",
    "publish/test_release.py",
    "publish/test_editions.py",
    "publish/test_aggregation.py",
    "delivery/test_drop.py",
    "leads/test_answers.py",
    "pipelines/test_browser.py",
    "disclosure/test_public_edition.py",
    "notebooks/test_notebooks.py",
    "leads/test_replay.py",
    "delivery/test_mail.py",
    "deploy/test_bundle.py",
    "evaluation/test_release.py",
    "indicator/test_counties.py",
    "quality/test_suites.py",
    "privacy/test_keys.py",
)
"""The files that take longest. They begin first (`--no-loadscope-reorder`), so that no worker has one left when the others are done."""


def begins(item):
    """The place of the item's file among those that begin first."""
    name = item.nodeid.split("::")[0].removeprefix("tests/")
    return LONG.index(name) if name in LONG else len(LONG)


def pytest_collection_modifyitems(config, items):
    items.sort(key=begins)
    skipped = {}
    if not config.getoption("--run-nightly"):
        skipped["nightly"] = "long form: runs in `make nightly`"
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        skipped["browser"] = "Chromium is not installed (Debian package chromium)"
    if not shutil.which("soffice") and not os.environ.get("CI"):
        skipped["office"] = (
            "LibreOffice is not installed (Debian packages libreoffice-writer-nogui, libreoffice-calc-nogui)"
        )
    for item in items:
        for marker in skipped.keys() & item.keywords:
            item.add_marker(pytest.mark.skip(reason=skipped[marker]))
