"""The real UI in a real browser: catalog, an asset's page, a failed check, launching a month; its pictures are the manual's.

`--take-pictures` writes docs/pictures anew.
"""

import datetime as dt
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from minzheng.contracts.plans import plans_for
from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.intake.completeness import missing
from tests.place import AREA

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
MONTH, DRAFTED = "2024-03", "2024-02"
MONTHS = "input[placeholder^='ex:'], input[placeholder^='例如']"
DRAFTS = "/assets/publication/draft?view=partitions"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, accepted):
    """A home with a month drafted though incomplete, and one that is asked after and stopped by a check; a file was refused."""
    from assets.checks import failed_checks
    from assets.plan import PROGRESS, PlanPages, at_a_glance
    from assets.publication import DRAFT
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
            f"insert into quality.outcome values ('D06', 'rules_dibao', 'error', $month, '{AREA}100', 9, 1, 'fail'),"
            f" ('C05', 'rules_child', 'warn', $month, '{AREA}100', 9, 2, 'fail')",
            {"month": DRAFTED},
        )
        lacking = missing(home, DRAFTED, dt.datetime.now(SHANGHAI).date())
        glance = at_a_glance(DRAFTED, lacking, failed_checks(connection, DRAFTED))
    with pytest.raises(Exception, match="blocking"):
        execute(home, "draft", months=[MONTH])
    nothing = pl.DataFrame(
        schema=dict.fromkeys(("indicator_id", "ref_area", "time_period"), pl.String)
    )
    first = PlanPages(DRAFTED, plans_for(DRAFTED), [], {}, nothing).first_page()
    (home.drafts / DRAFTED).mkdir()
    with dg.DagsterInstance.get() as instance:
        for key, facts in ((DRAFT, {"比已发布的改动了": "3个单元格"}), (PROGRESS, first)):
            told = dg.AssetMaterialization(key, partition=DRAFTED, metadata={**glance, **facts})
            instance.report_runless_asset_event(told)
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
    page.goto(f"{address}{DRAFTS}&partition={MONTH}")
    page.get_by_text("失败，未算出该资产").wait_for()
    assert not page.get_by_text("已计算", exact=True).count()
    picture("stopped_month")
    page.locator("a[href*='/runs/']").first.click()
    page.get_by_text(
        f"{MONTH} 不生成草稿:核验未通过(表内表间勾稽)。谁还没报:沙柳河镇(16类)"
    ).first.wait_for()
    assert "masked" not in page.content()


def test_is_it_complete_who_is_missing_what_failed_what_changed_and_run_it_again_within_three_clicks(
    page, address, picture
):
    page.goto(f"{address}/")
    clicks = 0
    for asked in ("报齐了吗", "谁还没报", "哪里没通过", "覆盖面", "补助水平", "养老床位"):
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
    launchpad.get_by_text(f"月份: {DRAFTED}").first.wait_for()
    clicks += 1
    launchpad.get_by_role("button", name="启动运行").click()
    launchpad.wait_for_url("**/runs/**")
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs(
            dg.RunsFilter(job_name="month", tags={"dagster/partition": DRAFTED})
        )
    assert len(runs) == 1
    assert clicks == 2


def test_the_clerk_launches_a_month_from_the_job(page, address, picture, prepared):
    page.goto(f"{address}/locations/pipelines.definitions/jobs/month")
    page.get_by_text("重算某月", exact=False).first.wait_for()
    page.get_by_role("button", name="计算").first.click()
    months = page.locator(MONTHS)
    months.fill(MONTH)
    months.press("Enter")
    launch = page.get_by_role("button", name="启动1次运行")
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


HERE = "/locations/pipelines.definitions"
CRAWLED = (
    "/", "/assets", "/assets/register/dibao_roll", "/assets/register/dibao_roll?view=partitions",
    "/assets/publication/draft?view=checks", "/assets/publication/draft?view=events",
    "/assets/publication/draft?view=lineage", "/assets/plan/inst_beds", "/runs", "/runs?view=backfills",
    "/jobs", f"{HERE}/jobs/month", f"{HERE}/jobs/month/partitions", f"{HERE}/jobs/month/runs",
    f"{HERE}/jobs/release/playground", "/automation", f"{HERE}/sensors/landing_folder",
    f"{HERE}/schedules/due_date", "/deployment/locations", "/health", "/concurrency",
    "/overview/activity/timeline",
)  # fmt: skip
VISIBLE = """() => {
  const told = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const box = walk.currentNode.parentElement.getBoundingClientRect();
    if (box.width && box.height && !walk.currentNode.parentElement.closest("script, style, pre, code, .CodeMirror"))
      told.push(walk.currentNode.nodeValue.trim());
  }
  document.querySelectorAll("[placeholder]").forEach((one) => told.push(one.placeholder));
  return told;
}"""

AT_REST = "() => { const was = window.seenLong; window.seenLong = document.body.innerText.length; return was === window.seenLong; }"
"""Asked again and again: whether the page says no more than it said before."""


def names() -> set[str]:
    """What stays as it is: keys, columns and their types, groups, jobs and what starts them, kinds, places."""
    from pipelines.definitions import defs

    graph = defs.resolve_asset_graph()
    found = {
        "Dagster",
        "English",
        "DuckDB",
        "SQL",
        "Polars",
        "Plotly",
        "dagster",
        "home",
        "warehouse",
    }
    found |= {part for node in graph.asset_nodes for part in node.key.path}
    found |= {part for node in graph.asset_nodes for part in (node.group_name or "").split("/")}
    found |= {one.name for one in (*defs.jobs, *defs.sensors, *defs.schedules)}
    for node in graph.asset_nodes:
        for column in getattr(node.metadata.get("dagster/column_schema"), "columns", ()):
            found |= {column.name, column.type.split("(")[0]}
    return found


def left_in_english(texts: list[str], known: set[str]) -> list[str]:
    """The words that are neither Chinese nor a name, an address, a number or a code."""
    left = []
    for text in texts:
        told = " ".join(one for one in text.split() if not re.search(r"[_/.\d…@]", one))
        left += [word for word in re.findall(r"[A-Za-z]{2,}", told) if word not in known]
    return left


@pytest.mark.nightly
def test_nineteen_of_twenty_words_of_the_frame_are_chinese(page, address):
    """Fails with the words that are left when an upgrade of Dagster says something new, or no word is put in its place."""
    known, chinese, left = names(), 0, {}
    for path in CRAWLED:
        page.goto(f"{address}{path}")
        page.wait_for_load_state("networkidle")
        page.wait_for_function(AT_REST, polling=700)
        texts = page.evaluate(VISIBLE)
        assert len(texts) > 10, path
        chinese += sum(len(re.findall("[一-鿿]", text)) for text in texts) / 2
        left[path] = left_in_english(texts, known)
    english = sum(map(len, left.values()))
    share = chinese / (chinese + english)
    print(f"{share:.1%} of {chinese + english:.0f} words are Chinese")
    assert share >= 0.95, {path: words for path, words in left.items() if words}


def test_the_readers_choice_brings_dagsters_own_words_back(page, address):
    page.goto(f"{address}/runs")
    page.get_by_role("button", name="English").click()
    page.get_by_text("Catalog", exact=True).first.wait_for()
    page.get_by_role("button", name="中文").click()
    page.get_by_text("目录", exact=True).first.wait_for()


@pytest.mark.parametrize("words", ["五保", "养老床位", "tjryjbsh", "inst_beds"])
def test_the_search_finds_an_indicator_by_what_people_call_it(page, address, words):
    page.goto(f"{address}/runs")
    page.get_by_text("搜索", exact=True).first.click()
    page.keyboard.type(words)
    wanted = "养老机构床位数" if words in ("养老床位", "inst_beds") else "特困人员基本生活标准"
    page.get_by_text(wanted, exact=False).first.wait_for()
    page.keyboard.press("Escape")


def test_the_catalogs_filter_finds_by_what_people_call_a_thing(page, address):
    page.goto(f"{address}/assets")
    page.locator(".CodeMirror").first.click()
    page.keyboard.type("五保")
    page.keyboard.press("Enter")
    page.get_by_text("特困人员基本生活标准", exact=False).first.wait_for()
    assert not page.get_by_text("养老机构床位数(", exact=False).count()


def test_on_a_phone_the_questions_are_asked_and_answered_on_the_first_page(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        page.goto(f"{address}/")
        for asked in ("报齐了吗", "谁还没报", "哪里没通过", "覆盖面", "补助水平", "养老床位"):
            page.get_by_text(asked, exact=True).first.wait_for()
        answer = page.get_by_text("到期未报齐", exact=False).first.bounding_box()
        assert 0 < answer["x"] < answer["x"] + answer["width"] <= 390
        foot = page.get_by_text("目录", exact=True).first.bounding_box()
        assert foot["y"] > 780
    finally:
        page.set_viewport_size({"width": 1280, "height": 800})
