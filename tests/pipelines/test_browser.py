"""The real UI in a real browser: catalog, an asset's page, a failed check, launching a month; its pictures are the manual's.

`--take-pictures` writes docs/pictures anew.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import dagster as dg
import pytest

from minzheng.custody.home import Home
from pipelines.webserver.pages import START_PAGE

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
MONTH, DRAFTED = "2024-03", "2024-02"
MONTHS = "input[placeholder^='ex:']"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, accepted):
    """A home with a month drafted though incomplete, and one that is asked after and stopped by a check; a file was refused."""
    from assets.checks import failed_checks
    from assets.publication import DRAFT, at_a_glance
    from minzheng.warehouse.connection import open_warehouse
    from pipelines.runs import execute

    folder = tmp_path_factory.mktemp("ui")
    before = {
        name: os.environ.get(name)
        for name in ("MINZHENG_KEY_FILE", "DAGSTER_HOME", "MINZHENG_HOME")
    }
    os.environ["MINZHENG_KEY_FILE"] = str(folder / "key.json")
    home = Home(folder / "home").create()
    (home.landing / "示例.csv").write_text("这不是报表\n", encoding="utf-8")
    execute(home, "receive")
    accepted(home, DRAFTED)
    with open_warehouse(home) as connection:
        connection.execute("insert into work.blocked values (?, 'identities', 'R001')", [MONTH])
        connection.execute(
            "insert into quality.outcome values ('D06', 'rules_dibao', 'error', $month, '632224100', 9, 1, 'fail'),"
            " ('C05', 'rules_child', 'warn', $month, '632224100', 9, 2, 'fail')",
            {"month": DRAFTED},
        )
        glance = at_a_glance(home, DRAFTED, failed_checks(connection, DRAFTED))
    with pytest.raises(Exception, match="blocking"):
        execute(home, "draft", months=[MONTH])
    with dg.DagsterInstance.get() as instance:
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                DRAFT, partition=DRAFTED, metadata={**glance, "比已发布的改动了": "3个单元格"}
            )
        )
    execute(
        home,
        "completeness",
        ops={"publication__draft_return_complete": {"month": MONTH, "on": "2024-04-10"}},
    )
    yield home
    for name, value in before.items():
        os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@pytest.fixture(scope="module")
def address(prepared):
    """Where the clerk's webserver (without the daemon) serves the home."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root = Path(__file__).resolve().parents[2]
    command = [
        sys.executable,
        "-m",
        "pipelines.webserver",
        "-m",
        "pipelines.definitions",
        "-d",
        str(root),
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    web = subprocess.Popen(
        [*command, "-h", "127.0.0.1", "-p", str(port)], start_new_session=True, cwd=root, **quiet
    )
    try:
        wait_for(port, web)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(web.pid, signal.SIGTERM)
        try:
            web.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(web.pid, signal.SIGKILL)
            web.wait()


def wait_for(port: int, web: subprocess.Popen) -> None:
    """Until the webserver answers; fail when it ends instead."""
    while web.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the webserver ended with {web.returncode}")


@pytest.fixture(scope="module")
def page(address, browser):
    """A page of the browser, wide enough for the manual; Dagster has run what `address` shows before the browser starts."""
    found = browser.new_page(
        viewport={"width": 1280, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    found.set_default_timeout(60_000)
    yield found
    found.close()


@pytest.fixture
def picture(page, request):
    """`picture("name")` keeps what is seen, when pictures are asked for."""

    def take(name: str) -> None:
        if request.config.getoption("--take-pictures"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            page.wait_for_timeout(
                1500
            )  # lets what fades in arrive; pictures only, no test waits for it
            page.screenshot(path=PICTURES / f"{name}.png")

    return take


def test_the_catalog_shows_each_asset_with_its_chinese_words(page, address, picture):
    page.goto(f"{address}/assets?asset-selection=key%3A%22register%2F*%22")
    page.get_by_text("报送覆盖表", exact=False).first.wait_for()
    picture("catalog")
    assert page.get_by_text("城乡低保花名册(在效行)", exact=False).first.is_visible()


def test_an_assets_page_tells_definition_unit_and_columns(page, address, picture):
    page.goto(f"{address}/assets/register/dibao_roll")
    page.get_by_text("城乡低保花名册(在效行)", exact=False).first.wait_for()
    page.get_by_text("person_key").first.wait_for()
    picture("asset")
    assert "服务的规划条款" in page.content()


def test_an_incomplete_return_shows_who_is_missing(page, address, picture):
    page.goto(f"{address}/assets/publication/draft?view=checks&checkDetail=return_complete")
    page.get_by_text("2024年3月", exact=False).first.wait_for()
    picture("failed_check")
    assert "到期未报齐" in page.content()


def test_a_stopped_month_is_not_green_where_planners_look_and_says_why_and_who_is_missing_within_two_clicks(
    page, address, picture
):
    page.goto(f"{address}{START_PAGE}&partition={MONTH}")
    page.get_by_text("failed, and did not materialize this asset").wait_for()
    assert not page.get_by_text("Materialized", exact=True).count()
    picture("stopped_month")
    page.locator("a[href*='/runs/']").first.click()
    page.get_by_text(
        f"{MONTH} 不生成草稿:核验未通过(表内表间勾稽)。谁还没报:沙柳河镇(16类)"
    ).first.wait_for()
    assert "masked" not in page.content()


def test_is_it_complete_who_is_missing_what_failed_what_changed_and_run_it_again_within_three_clicks(
    page, address, picture
):
    page.goto(f"{address}{START_PAGE}")
    months = page.get_by_text(DRAFTED, exact=True)
    page.get_by_text("2026-01", exact=True).first.hover()
    while not months.count():
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(50)
    clicks = 1
    months.first.click()
    for asked in ("报齐了吗", "谁还没报", "哪里没通过", "比已发布的改动了"):
        page.get_by_text(asked, exact=True).first.wait_for()
    assert "到期未报齐" in page.content()
    assert "沙柳河镇(" in page.content()
    page.get_by_text("低保规则").first.wait_for()
    picture("month")
    again = page.get_by_role("link", name=f"重算{DRAFTED}")
    clicks += 1
    with (
        page.context.expect_page()
        if again.get_attribute("target") == "_blank"
        else page.expect_navigation() as opened
    ):
        again.click()
    launchpad = opened.value if hasattr(opened.value, "locator") else page
    launchpad.get_by_text(f"partition: {DRAFTED}").first.wait_for()
    clicks += 1
    launchpad.get_by_role("button", name="Launch Run").click()
    launchpad.wait_for_url("**/runs/**")
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs(
            dg.RunsFilter(job_name="month", tags={"dagster/partition": DRAFTED})
        )
    assert len(runs) == 1
    assert clicks == 3


def test_the_clerk_launches_a_month_from_the_job(page, address, picture, prepared):
    page.goto(f"{address}/locations/pipelines.definitions/jobs/month")
    page.get_by_text("重算某月", exact=False).first.wait_for()
    page.get_by_role("button", name="Materialize").first.click()
    months = page.locator(MONTHS)
    months.fill(MONTH)
    months.press("Enter")
    launch = page.get_by_role("button", name="Launch 1 run")
    launch.wait_for()
    picture("launch")
    launch.click()
    page.locator(".dagster-backdrop").wait_for(state="detached")
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs(dg.RunsFilter(job_name="month", tags={"dagster/partition": MONTH}))
    assert len(runs) == 1


def test_the_release_launchpad_asks_for_month_and_approver(page, address, picture):
    query = {
        "query": '{ runConfigSchemaOrError(selector: {repositoryName: "__repository__", repositoryLocationName: "pipelines.definitions", pipelineName: "release"}) { ... on RunConfigSchema { rootDefaultYaml } } }'
    }
    asked = urllib.request.Request(
        f"{address}/graphql", json.dumps(query).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        told = json.load(answer)["data"]["runConfigSchemaOrError"]["rootDefaultYaml"]
    assert "approved_by" in told
    page.goto(f"{address}/locations/pipelines.definitions/jobs/release/playground")
    page.get_by_text("freeze_draft", exact=False).first.wait_for()
    picture("release")
