"""What the site's readers are told of alerts: months only, and over the released pages themselves, in a real browser."""

import json

import pytest

from minzheng import alerts
from minzheng.editions import edition
from minzheng.publish.site import write_site
from tests.site.county import MONTH, frames


def told(home):
    text = (home.published / "status.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("statusNow(").removesuffix(");\n"))


def test_the_banner_names_months_and_neither_file_nor_township_and_goes_when_all_is_well(home):
    alerts.raise_alert(home, "late-2024-04", "late", "2024年4月报送未齐\n沙柳河镇", "x", ["2024-04"])
    alerts.raise_alert(home, "run-recompute-2024-01-2024-03", "failed", "花名册.xlsx", "x", ["2024-01", "2024-03"])
    alerts.raise_alert(home, "check-up", "damaged", "体检发现问题", "faults")
    assert told(home)["zh"] == [
        "2024年4月报送未齐，该月数字尚不完整。",
        "2024年1月至2024年3月自动处理失败，结果未更新，本站仍为此前发布的数字。",
    ]
    assert [line.partition(" ")[0] for line in told(home)["en"]] == ["Returns", "2024-01–2024-03"]
    for key in ("late-2024-04", "run-recompute-2024-01-2024-03"):
        alerts.clear_alert(home, key)
    assert (told(home)["zh"], told(home)["en"]) == ([], [])


def test_a_stopped_month_is_told_once_whatever_else_failed_of_it_and_goes_when_it_is_judged_sound(home):
    alerts.tell_stopped(home, ["2024-03", "2024-04"], {"2024-04": "表内表间勾稽"})
    alerts.raise_alert(home, "run-draft-2024-04", "failed", "运行失败", "run failed", ["2024-04"])
    assert [one.key for one in alerts.open_alerts(home)] == ["stopped-2024-04", "run-draft-2024-04"]
    assert told(home)["zh"] == ["2024年4月核验未通过，结果未更新，本站仍为此前发布的数字。"]
    alerts.tell_stopped(home, ["2024-04"], {})
    assert [one.key for one in alerts.open_alerts(home)] == ["run-draft-2024-04"]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A home with a released site, reached by its month and by `latest`."""
    from minzheng.home import Home

    home = Home(tmp_path_factory.mktemp("banner") / "home").create()
    write_site(home.published / MONTH / "r1" / "bureau", MONTH, frames(), edition("bureau"))
    (home.published / "latest").symlink_to(f"{MONTH}/r1")
    return home


@pytest.mark.browser
@pytest.mark.parametrize("way", [f"{MONTH}/r1", "latest"])
def test_a_released_page_opened_from_the_folder_shows_what_fails_now_though_no_byte_of_it_changed(
    published, browser, way
):
    site = published.published / way / "bureau" / "site"
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    alerts.raise_alert(published, "late-2024-04", "late", "2024年4月报送未齐", "x", ["2024-04"])
    page = browser.new_page()
    page.goto(f"file://{site}/township/../index.html")
    page.locator("#now").get_by_text("2024年4月报送未齐，该月数字尚不完整。").wait_for()
    page.goto(f"file://{site}/en/indicators.html")
    page.locator("#now").get_by_text("Returns for 2024-04 are incomplete").wait_for()
    alerts.clear_alert(published, "late-2024-04")
    page.goto(f"file://{site}/index.html", wait_until="load")
    assert page.locator("#now").count() == 0
    page.close()
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before


@pytest.mark.browser
def test_a_page_copied_elsewhere_has_nobody_to_tell_it_and_misses_nothing(published, browser, tmp_path):
    import shutil

    shutil.copytree(published.published / MONTH / "r1" / "bureau" / "site", tmp_path / "site")
    page, asked = browser.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "site" / "index.html").as_uri())
    page.close()
    assert [url for url in asked if url.endswith("status.js")] == []
