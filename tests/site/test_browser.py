"""The pages in a real browser: read, clicked, checked for accessibility, at a desk and on a phone."""

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

from minzheng.contracts.editions import edition
from minzheng.publish.charts.model import progress_chart
from minzheng.publish.charts.svg import draw
from minzheng.publish.evaluation.document import build_document, trend_charts
from minzheng.publish.evaluation.page import write_page
from minzheng.publish.site import write_site
from tests.evaluation.conftest import evaluation
from tests.place import AREA, AREA_NAME
from tests.site.conftest import RARE
from tests.site.county import TOWNSHIPS, frames

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
RULES = {
    "preload": False,
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}
KINDS = [
    "index.html",
    "indicators.html",
    "indicator/nursing_bed_share.html",
    "indicator/elder_assess_rate.html",
    "indicator/dibao_rural_persons.html",
    "townships.html",
    "compare.html",
    f"township/{TOWNSHIPS[4]}.html",
    "clauses/index.html",
    "clauses/3.1.5.html",
    "quality/index.html",
    "quality/rules.html",
    "quality/suites.html",
    "quality/months.html",
    f"quality/{TOWNSHIPS[4]}.html",
    "changes.html",
    "archive.html",
    "methods.html",
    "report.html",
    "source/care_facility.html",
    "en/index.html",
    "en/compare.html",
    "en/indicator/nursing_bed_share.html",
]
OF_OTHERS = ["disclosures.html", "evaluation-145/index.html"]
"""Pages that the bureau's month does not have: the public's after the law, and a plan's evaluation."""
BY_DAY = (
    "index.html", "indicator/nursing_bed_share.html", "compare.html", f"township/{TOWNSHIPS[4]}.html", "quality/index.html",
    "report.html", "clauses/3.1.5.html",
)  # fmt: skip
"""What axe looks at by day: what planners open, and each template of tables, charts and prose once."""


def by_day(*kinds):
    """Every kind of page, the others at night."""
    return [
        kind if kind in kinds else pytest.param(kind, marks=pytest.mark.nightly)
        for kind in KINDS + OF_OTHERS
    ]


PAPER = {"width": 688, "height": 1000}
"""The printed width of A4."""


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport=DESK)
    opened.faults, opened.requests = [], []
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.on(
        "console", lambda line: opened.faults.append(line.text) if line.type == "error" else None
    )
    opened.on("request", lambda request: opened.requests.append(request.url))
    yield opened
    assert opened.faults == []
    assert [
        url for url in opened.requests if not url.startswith(("file://", "data:", "blob:"))
    ] == []
    opened.close()


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    evaluated, folder = evaluation(), tmp_path_factory.mktemp("others")
    write_site(folder, "2026-08", frames("2026-08", "2026-08"), edition("public"))
    charts = [progress_chart(evaluated.published), *trend_charts(evaluated)]
    report = build_document(evaluated, dt.date(2026, 2, 20))
    drawings = {chart.id: draw(chart) for chart in charts}
    write_page(evaluated, report, drawings, folder / "site" / "evaluation-145")
    return folder / "site"


@pytest.fixture
def address(kind, request):
    return (request.getfixturevalue("site" if kind in KINDS else "others") / kind).as_uri()


@pytest.mark.parametrize("kind", by_day(*KINDS, "disclosures.html"))
def test_no_page_runs_over_its_edge_at_a_desk_on_a_phone_or_on_paper(page, address):
    page.goto(address)
    for size, media in ((DESK, "screen"), (PHONE, "screen"), (PAPER, "print")):
        page.set_viewport_size(size)
        page.emulate_media(media=media)
        if page.locator(".js-plotly-plot").count():  # is drawn once, for the window of then
            page.reload()
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_what_is_only_heard_does_not_widen_the_page(site, page):
    page.set_viewport_size(PHONE)
    page.goto((site / "townships.html").as_uri())
    heard = '<span class="no"><span aria-hidden="true">＊</span><span class="hear">为保护个人不予公布</span></span>'
    page.evaluate(
        "told => document.querySelectorAll('td').forEach(cell => cell.innerHTML = told)", heard
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("size", [PHONE, pytest.param(DESK, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("kind", by_day(*BY_DAY))
def test_no_page_breaks_wcag_2_2_aa(page, address, size):
    page.set_viewport_size(size)
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found] == []


def test_the_check_for_accessibility_finds_what_is_wrong(page):
    page.set_content(
        '<html lang="zh-CN"><title>t</title><main><p style="color:#aaa">这一段太淡了</p><img src="data:,"></main></html>'
    )
    found = {one["id"] for one in Axe().run(page, options=RULES).response["violations"]}
    assert {"color-contrast", "image-alt"} <= found


def test_a_reader_finds_the_missing_nursing_beds_and_since_when_in_two_clicks(site, page):
    page.goto((site / "index.html").as_uri())
    row = page.locator("tr", has_text="养老机构护理型床位占比")
    assert "31张" in row.inner_text()
    row.get_by_role("link").click()
    key = page.locator(".gap .key")
    assert key.is_visible()
    assert re.search(r"55\.00%的底线还差 31张，自2024年1月起未达到目标", key.inner_text())


def test_the_pages_read_the_same_without_scripts(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "indicator" / "nursing_bed_share.html").as_uri())
    assert page.locator(".gap .key").is_visible()
    assert page.locator("figure.chart svg.wide-only").first.is_visible()
    assert not page.locator("#live").is_visible()
    context.close()


def test_the_interactive_chart_opens_when_asked_and_loads_plotly_only_then(site, page):
    page.goto((site / "indicator" / "nursing_bed_share.html").as_uri())
    assert not any("plotly" in url for url in page.requests)
    page.get_by_role("button", name="打开交互图").click()
    page.wait_for_selector("#chart .main-svg")
    assert page.locator("#chart .legendtext").all_text_contents()[0] == AREA_NAME
    assert any("plotly.min.js" in url for url in page.requests)


def test_the_search_keeps_the_indicators_that_hold_the_words(site, page):
    page.goto((site / "indicators.html").as_uri())
    before = page.locator("tbody tr:visible").count()
    page.get_by_label("查找").fill("护理型床位")
    shown = page.locator("tbody tr:visible").all_inner_texts()
    assert 0 < len(shown) < before
    assert all("护理型床位" in row for row in shown)


def test_a_name_with_markup_does_nothing(hostile_site, page):
    for kind in (
        "townships.html",
        f"township/{TOWNSHIPS[0]}.html",
        "indicator/dibao_rural_persons.html",
    ):
        page.goto((hostile_site / kind).as_uri())
        assert page.evaluate("window.pwned") is None
        assert page.locator("img").count() == 0
    page.get_by_role("button", name="打开交互图").click()
    page.wait_for_selector("#chart .main-svg")
    assert page.evaluate("window.pwned") is None
    assert page.locator("#chart img").count() == 0
    assert any(
        "<img src=x" in text for text in page.locator("#chart .legendtext").all_text_contents()
    )


def test_rare_names_are_shown(hostile_site, page):
    page.goto((hostile_site / f"township/{TOWNSHIPS[1]}.html").as_uri())
    assert page.get_by_role("heading", level=1).inner_text() == RARE


def test_the_menu_reaches_every_part_and_the_language_stays(site, page):
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="English").click()
    for name in (
        "Indicators",
        "Townships",
        "Clauses",
        "Quality",
        "Downloads, archive",
        "About",
        "Overview",
    ):
        page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator("[aria-current=page]").inner_text() == name


def test_every_status_on_the_home_page_has_a_symbol_and_a_word(site, page):
    page.goto((site / "index.html").as_uri())
    told = page.locator("table.progress .status").all_inner_texts()
    assert len(told) > 5
    assert all(re.fullmatch(r"[◆●▲■✖○]\s*\S{3,}|✖\s*倒退", text.strip()) for text in told)


def test_a_printed_page_has_no_menu_and_keeps_its_table(site, page):
    page.goto((site / "index.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator("table.progress").is_visible()
    page.set_viewport_size(PAPER)
    heights = page.locator("table.progress tbody tr").evaluate_all(
        "rows => rows.map(row => row.offsetHeight)"
    )
    assert max(heights) <= 2 * min(heights)  # no name is squeezed into a tower


def test_a_township_s_page_begins_with_what_to_do_folds_what_is_well_and_prints_all(site, page):
    page.goto((site / f"township/{TOWNSHIPS[4]}.html").as_uri())
    first, plan = page.locator("main section").first, page.locator("main section").nth(1)
    assert "补报《老年人能力综合评估台账》" in first.inner_text()
    heads = plan.locator("thead th").all_inner_texts()
    assert [head.strip() for head in heads[1:4]] == ["吉尔孟乡", "全县", "沙柳河镇"]
    assert "养老机构护理型床位占比" in plan.inner_text()
    assert not page.get_by_text("K01 身份证号校验").first.is_visible()
    row = page.locator("details.subject tbody tr").first
    assert not row.is_visible()
    page.emulate_media(media="print")
    assert row.is_visible()


def test_a_chart_says_its_months_to_keys_and_pointer(site, page):
    page.goto((site / "indicator" / "nursing_bed_share.html").as_uri())
    chart = page.locator("figure.chart").first
    said = chart.locator("output")
    chart.focus()
    page.keyboard.press("ArrowLeft")
    assert said.inner_text() == "2024年3月：47.62%"
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert said.inner_text() == "2023年12月：57.14%"
    page.locator("figure.chart").nth(1).locator("svg.wide-only").hover(
        position={"x": 120, "y": 120}
    )
    assert re.fullmatch(
        r"2023年\d+月：沙柳河镇 57.14%",
        page.locator("figure.chart").nth(1).locator("output").inner_text(),
    )


def test_the_interactive_chart_is_read_by_keys_and_scaled_to_its_data(site, page):
    page.goto((site / "indicator" / "dibao_coverage.html").as_uri())
    page.get_by_role("button", name="打开交互图").click()
    page.wait_for_selector("#chart .main-svg")
    page.locator("#chart").focus()
    page.keyboard.press("ArrowLeft")
    assert f"2024年3月：{AREA_NAME} 6" in page.locator("#chart + output").inner_text()
    assert page.evaluate("document.getElementById('chart').layout.yaxis.range[0]") > 0


def test_a_picture_is_saved_as_it_is_drawn(site, page):
    page.goto((site / "indicator" / "nursing_bed_share.html").as_uri())
    with page.expect_download() as saved:
        page.locator("figure.chart button.save").first.click()
    assert saved.value.suggested_filename == "养老机构护理型床位占比.png"
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_table_sorts_by_number_and_keeps_what_has_none_last(site, page):
    page.goto((site / "index.html").as_uri())
    table = page.locator("table.progress").first
    head = table.locator("thead th").nth(3)
    for order, wanted in (("ascending", sorted), ("descending", lambda one: sorted(one)[::-1])):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == order
        cells = table.locator("tbody td:nth-of-type(3)").all_inner_texts()
        told = [float(found[0]) for text in cells if (found := re.match(r"[\d.]+", text))]
        assert len(told) > 10
        assert told == wanted(told)
        assert cells[-1].startswith("—")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("五保", "特困人员集中供养率"),
        ("ylcw", "养老机构床位数"),
        ("HLXCW", "养老机构护理型床位占比"),
    ],
)
def test_the_search_knows_synonyms_and_initials(site, page, typed, found):
    page.goto((site / "indicators.html").as_uri())
    page.get_by_label("查找").fill(typed)
    assert found in page.locator("tbody tr:visible th").all_inner_texts()


def test_the_map_of_tiles_shows_the_chosen_indicator_of_every_township(site, page):
    page.goto((site / "index.html").as_uri())
    page.locator("#tile-indicator").select_option("nursing_bed_share")
    assert page.locator(".tile .figure").all_inner_texts() == ["47.62%"] * len(TOWNSHIPS)
    assert page.locator("#tile-link").get_attribute("href") == "indicator/nursing_bed_share.html"
    boxes = {
        tile.locator(".name").inner_text(): tile.bounding_box()
        for tile in page.locator(".tile").all()
    }
    assert boxes["吉尔孟乡"]["x"] < boxes["沙柳河镇"]["x"] < boxes["哈尔盖镇"]["x"]
    assert boxes["伊克乌兰乡"]["y"] < boxes["沙柳河镇"]["y"]


def test_the_first_page_prints_on_two_sheets_and_is_small(site, page, tmp_path):
    page.goto((site / "index.html").as_uri())
    page.pdf(path=tmp_path / "home.pdf", prefer_css_page_size=True)
    assert len(PdfReader(tmp_path / "home.pdf").pages) == 2
    asked = [url.removeprefix("file://") for url in page.requests]
    assert sum(Path(path).stat().st_size for path in asked if path.startswith("/")) < 300_000


def test_nobody_to_tell_what_is_late_is_no_error(site, page, tmp_path):
    release = tmp_path / "2024-03" / "r1" / "bureau" / "site"
    shutil.copytree(site / "assets", release / "assets", ignore=lambda *_: ["plotly.min.js"])
    shutil.copy(site / "index.html", release)
    page.goto((release / "index.html").as_uri())
    page.wait_for_function("!document.querySelector('.probe')")
    assert page.faults == []
    (tmp_path / "status.js").write_text('statusNow({"on": "x", "zh": ["迟报"], "en": []});')
    page.reload()
    page.locator("#now").get_by_text("迟报").wait_for()


def test_what_is_compared_is_kept_in_the_address_and_ranked_only_where_an_order_is_known(
    site, page
):
    page.goto((site / "compare.html").as_uri() + "#elder_assess_rate")
    page.wait_for_selector("#compared .main-svg")
    assert page.locator(".choice").count() == 5
    assert page.url.endswith(f"#elder_assess_rate@{AREA},elder_assess_rate@{TOWNSHIPS[0]}"
        + "".join(f",elder_assess_rate@{area}" for area in TOWNSHIPS[1:4]))  # fmt: skip
    told = page.locator(".ranks li").all_inner_texts()
    assert [line.split("　")[0] for line in told] == [
        "第1位",
        "第2位",
        "第3位",
        "第4位",
        "不排位次",
    ]
    assert told[-1].endswith("吉尔孟乡　缺报")
    page.goto((site / "compare.html").as_uri() + f"#inst_beds@{AREA},nursing_bed_share@{AREA}")
    page.reload()
    page.wait_for_selector("#compared .main-svg")
    assert page.evaluate("Object.keys(document.getElementById('compared').layout).filter(one => /^yaxis/.test(one)).length") == 2  # fmt: skip
    heads = page.locator("#compared-table th[scope=col]").all_inner_texts()
    assert heads == [
        "月份",
        f"养老机构床位数，{AREA_NAME}（张）",
        f"养老机构护理型床位占比，{AREA_NAME}（%）",
    ]
    assert "420" in page.locator("#compared-table tbody tr").first.inner_text()
    with page.expect_download() as saved:
        page.locator("#csv").click()
    assert (
        saved.value.path().read_text(encoding="utf-8-sig").splitlines()[1]
        == '"2024-03","420","47.62"'
    )
