"""The planners' pages as files: complete, linked, the same every time, saying what the cells say."""

import csv
import hashlib
import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import lxml.html
import polars as pl
import pytest

from minzheng.contracts.plans import plan
from minzheng.contracts.quality_rules import rules
from minzheng.disclosure.frames import SCHEMAS
from minzheng.publish.charts.model import progress_headline
from minzheng.publish.language import LANGUAGES, site_words
from minzheng.publish.report.blocks import Paragraph
from minzheng.publish.report.building import build_report
from minzheng.publish.report.sentences import plain
from minzheng.publish.site import page_environment
from minzheng.publish.site.book import Book
from minzheng.publish.site.home import gap_text, since_text
from minzheng.publish.site.indicator import data_rows
from minzheng.publish.site.page import Page
from minzheng.publish.site.ranking import Standing, ranks
from minzheng.publish.site.township import tasks
from tests.place import AREA, AREA_NAME
from tests.site.conftest import HOSTILE, RARE, written
from tests.site.county import AREAS, LATE, LATE_DATASET, MONTH, MOVED, TOWNSHIPS, UNPARTED, frames

CHINESE, ENGLISH = LANGUAGES


def text_of(page):
    return page.read_text(encoding="utf-8")


def words_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text_of(page)))


class Elements(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(text_of(page))

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def of(self, *names):
        return [attributes for tag, attributes in self.found if tag in names]


@pytest.fixture(scope="module")
def pages(site):
    return {page: Elements(page) for page in sorted(site.rglob("*.html"))}


@pytest.fixture(scope="module")
def book(county_frames):
    return Book(county_frames, MONTH)


def hashes(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_the_same_frames_give_the_same_bytes_wherever_they_are_written(
    site, tmp_path, county_frames, monkeypatch
):
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert hashes(written(tmp_path / "elsewhere", county_frames)) == hashes(site)


def test_every_link_and_asset_lies_in_the_release_and_nothing_points_to_a_network(site, pages):
    release_files = {
        "report.docx",
        "report.pdf",
        "tables.xlsx",
        "datapackage.json",
        "snapshot.duckdb",
        "manifest.json",
    }
    for page, elements in pages.items():
        for attributes in elements.of("a", "link", "script", "img", "iframe"):
            target = attributes.get("href") or attributes.get("src")
            if target is None or attributes.get("class") == "earlier":
                continue
            assert not re.match(r"[a-z]+:|//", target), (page, target)
            path, _, anchor = unquote(target).partition("#")
            found = (page.parent / path).resolve() if path else page
            if found.parent == site.parent.resolve():
                assert found.suffix in (".csv", ".parquet") or found.name in release_files
                continue
            if found.parent == site.parent.resolve() / "data":
                assert found.stem in SCHEMAS
                continue
            assert found.is_file(), (page, target)
            if found.name == "compare.html":
                continue  # what follows # is what it compares
            if anchor and found.suffix == ".html":
                assert f'id="{anchor}"' in text_of(found), (page, target)


def test_the_english_pages_mirror_the_chinese_ones(site, pages):
    chinese = {
        page.relative_to(site).as_posix()
        for page in pages
        if "en" not in page.relative_to(site).parts
    }
    english = {
        page.relative_to(site / "en").as_posix()
        for page in pages
        if "en" in page.relative_to(site).parts
    }
    assert chinese == english
    assert Elements(site / "en" / "index.html").of("html") == [{"lang": "en"}]
    assert "31 beds" in words_of(site / "en" / "indicator" / "nursing_bed_share.html")


def test_the_english_pages_are_english_but_for_names_of_places_and_what_is_marked_as_chinese(site):
    names = sorted(AREAS.values(), key=len, reverse=True)
    left = {}
    for page in (site / "en").rglob("*.html"):
        tree = lxml.html.fromstring(page.read_bytes())
        for quoted in tree.xpath("//*[@lang='zh-CN'] | //script | //td[@class='rule']"):
            quoted.clear(keep_tail=True)
        told = tree.text_content()
        for name in names:
            told = told.replace(name, "")
        if found := re.findall(
            r".{0,20}[\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]+", told.replace("＊", "")
        ):
            left[page.name] = found[:3]
    assert left == {}


def test_the_chinese_pages_are_chinese_but_for_downloads_and_what_is_for_those_who_recount(site):
    left, chinese, latin = {}, 0, 0
    for page in site.rglob("*.html"):
        if "en" in page.relative_to(site).parts or page.name in ("archive.html", "methods.html"):
            continue
        tree = lxml.html.fromstring(page.read_bytes())
        for quoted in tree.xpath("//*[@lang='en'] | //head | //script | //code"):
            quoted.clear(keep_tail=True)
        words = re.findall(r"[A-Za-z]{4,}", tree.text_content())
        chinese += len(re.findall(r"[\u4e00-\u9fff]", tree.text_content()))
        latin += sum(map(len, words))
        if words:
            left[page.name] = words[:5]
    assert set(left) <= {"suites.html", "changes.html"}, left  # a parameter, a file to download
    assert latin < chinese / 1000


def test_every_page_has_the_two_scripts_and_neither_fetches(site, pages):
    for page, elements in pages.items():
        sources = [one["src"] for one in elements.of("script") if "src" in one]
        own = ["compare.js"] * (page.name == "compare.html")
        names = [source.rpartition("/")[2] for source in sources]
        assert names == ["now.js", "site.js", *own], page
    assert not any(
        "fetch(" in text_of(site / "assets" / name) for name in ("now.js", "site.js", "compare.js")
    )
    assert 'type="module"' not in "".join(text_of(page) for page in pages)


def test_plotly_is_the_installed_one_and_there_once(site):
    from plotly.offline import get_plotlyjs

    copies = [path for path in site.rglob("*.js") if path.stat().st_size > 500_000]
    assert [path.name for path in copies] == ["plotly.min.js"]
    assert copies[0].read_text(encoding="utf-8") == get_plotlyjs()


def test_every_fragment_of_the_outline_stands_on_one_page_with_what_measures_it(site):
    found = [one for page in sorted((site / "clauses").glob("3*.html")) + sorted((site / "clauses").glob("4*.html"))
             for one in re.findall(r'id="(GC145-[^"]+)"', text_of(page))]  # fmt: skip
    assert sorted(found) == sorted(clause.clause_id for clause in plan("145").clauses)
    assert len(found) == 248
    page = text_of(site / "clauses" / "3.1.5.html")
    fragment = page[page.index("GC145-3.1.5-s3-f5") :]
    assert "47.62%" in fragment[: fragment.index("</div>")]
    assert "indicator/nursing_bed_share.html" in fragment[: fragment.index("</div>")]
    told = words_of(site / "clauses" / "3.1.1.html")
    assert "84.94% 目标 100.00 ■ 明显滞后 还差 15.06个百分点" in told, "what remains"
    assert "307人 未定目标，趋势向好" in told, "where no target is sourced, none is shown"
    told = words_of(site / "indicator" / "lowinc_monitored.html")
    assert "没有有出处的目标值，不作设定。 按年均增速，趋势向好。" in told


def test_a_task_is_told_as_of_the_month_with_its_evidence_and_the_sentences_that_ask_for_it(site):
    told = words_of(site / "clauses" / "index.html")
    assert f"目标值和评价按{AREA_NAME}“十四五”民政事业发展规划。" in told
    assert "截至本月，已完成1项、推进中1项、未填报21项" in told
    page = text_of(site / "clauses" / "index.html")
    done = page[page.index('id="SYS-DOC-4"') :].partition("</tr>")[0]
    assert re.findall(r"<td[^>]*>([^<]+)</td>", done) == [
        f"{AREA_NAME}民政局",
        "已完成",
        "2024-02-06",
        "刚民〔2024〕3号",
    ]
    assert 'href="../clauses/3.2.2.html#GC145-3.2.2-s3-f4"' in done
    assert f"推进中(2024-01-15)（{AREA_NAME}民政局）" in words_of(site / "clauses" / "3.1.1.html")


def test_the_home_page_says_who_has_not_reported_and_what_is_missing(site):
    told = words_of(site / "index.html")
    assert "已报 4/5 个乡镇全部报齐；应报21份，已报20份" in told
    assert "吉尔孟乡（老年人能力综合评估台账）" in told
    assert "老年人能力综合评估率：已报 4/5" in told
    assert "2024年3月 · 第1版" in told


def test_leads_are_shown_by_rule_township_and_month_with_the_age_of_their_lists(site):
    told = words_of(site / "index.html")
    assert "其中1条规则依据的名单不是本月的（最早的早2个月）" in told
    page = text_of(site / "index.html")
    section = page[page.index('id="leads"') : page.index('id="gaps"')]
    cells = {
        re.sub(r"<[^>]+>", "", row.partition("</th>")[0]): re.findall(r"<td[^>]*>(.*?)</td>", row)
        for row in section.split("<tr>")[1:]
    }
    assert cells["LB02 监测对象风险未消除且未享受任何救助"][1:] == [
        "16",
        "11",
        "5",
        "6",
        "0%",
        "50%",
        "早2个月",
    ]
    assert cells["沙柳河镇"][1] == "9"
    assert cells["沙柳河镇"][3:] == ["6", "5", "0%", "50%", "早2个月"]
    assert "其中6件因名单未报齐可能不实" in section
    assert "–" in cells["哈尔盖镇"][1]
    assert (cells["2024-03"][1], cells["2024-02"][1]) == ("16", "12")


def test_leads_that_could_not_be_judged_are_not_shown_as_zero(site):
    page = text_of(site / "index.html")
    red = page[page.index('class="level red"') :]
    assert "未能判断或无可计算" in red[: red.index("</li>")]
    orange = page[page.index('class="level orange"') :]
    assert '<span class="count">16</span>' in orange[: orange.index("</li>")]


@pytest.mark.parametrize(
    ("code", "area", "sign"),
    [
        ("elder_assess_rate", LATE, '<span class="no missing">缺报</span>'),
        ("orphan_total", LATE, '<span aria-hidden="true">＊</span>'),
        ("vagrant_return_rate", AREA, '<span aria-hidden="true">—</span>'),
        ("dibao_coverage", AREA, '<sup><abbr title="推算">E</abbr></sup>'),
    ],
)
def test_missing_withheld_not_applicable_and_estimated_have_signs_of_their_own(
    site, book, code, area, sign
):
    row = re.search(
        rf'<tr id="m{MONTH}">(.*?)</tr>', text_of(site / "indicator" / f"{code}.html"), re.S
    )[1]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)
    areas = [one for one in [AREA, *TOWNSHIPS] if book.has(code, one)]
    assert sign in cells[areas.index(area)]
    assert sum(other in cells[areas.index(area)] for other in ("缺报", "＊", "—", ">E<")) == 1


def test_zero_is_printed_as_zero(site):
    page = text_of(site / "indicator" / "dibao_rural_persons.html")
    assert re.search(r'<th scope="row" lang="zh-CN">男</th><td class="n">0</td>', page)


def test_the_nursing_beds_missing_and_since_when_are_told(site, book):
    row = book.progress["nursing_bed_share", AREA]
    assert gap_text(book, CHINESE, row) == "31张"  # ceil(55 % of 420 beds - 200 nursing beds)
    assert since_text(book, CHINESE, row) == "自2024年1月起未达到目标"
    told = words_of(site / "indicator" / "nursing_bed_share.html")
    assert "距2025年55.00%的底线还差 31张，自2024年1月起未达到目标" in told


def test_what_is_not_judged_is_not_told_as_keeping_up():
    assert progress_headline(CHINESE, [None, None]) == "2项规划指标均暂不评价"
    judged = progress_headline(CHINESE, [None, "target_achieved"])
    assert judged == "2项规划指标中，已评价的1项均未滞后"


def test_since_skips_months_without_a_value_and_says_when_records_begin():
    def hole(figures):
        lost = (pl.col("indicator_id") == "nursing_bed_share") & (
            pl.col("time_period") == "2024-02"
        )
        return figures.with_columns(
            pl.when(lost).then(None).otherwise(pl.col("obs_value")).alias("obs_value"),
            pl.when(lost).then(pl.lit("M")).otherwise(pl.col("obs_status")).alias("obs_status"),
        )

    short = Book(frames("2024-01", change=hole), MONTH)
    row = short.progress["nursing_bed_share", AREA]
    assert short.since("nursing_bed_share", row) == (False, "2024-01", True)
    assert since_text(short, ENGLISH, row) == "not met ever since records begin in Jan 2024"


def test_a_new_definition_and_a_new_population_source_are_marked(county_frames):
    def changed(figures):
        later = pl.col("time_period") >= "2023-10"
        one = pl.col("indicator_id") == "lowinc_monitored"
        two = pl.col("indicator_id") == "dibao_coverage"
        note = (
            pl.when(later)
            .then(pl.lit("人口口径:常住人口(2023年)"))
            .otherwise(pl.lit("人口口径:户籍人口(2022年)"))
        )
        return figures.with_columns(
            pl.when(one & later)
            .then(pl.lit("2"))
            .otherwise(pl.col("definition_version"))
            .alias("definition_version"),
            pl.when(two).then(note).otherwise(pl.col("note")).alias("note"),
        )

    book = Book(frames(change=changed), MONTH)
    assert list(book.breaks("lowinc_monitored", AREA)) == [("2023-10", "definition")]
    assert list(book.breaks("dibao_coverage", AREA)) == [("2023-10", "population")]
    assert list(book.breaks("inst_beds", AREA)) == []
    rows = re.findall(
        '<tr id="m([0-9-]+)">(.*?)</tr>',
        str(data_rows(book, CHINESE, "lowinc_monitored", [AREA])),
    )
    assert [month for month, row in rows if '<abbr title="口径调整">‡</abbr>' in row] == ["2023-10"]
    assert "‡" not in data_rows(book, CHINESE, "inst_beds", [AREA])


def test_names_of_places_are_text_and_nothing_else(hostile_site):
    for page in hostile_site.rglob("*.html"):
        content = text_of(page)
        assert "<img" not in content, page
        assert content.count("</script>") <= 3, page
    assert "&lt;img src=x" in text_of(hostile_site / "townships.html")
    script = text_of(hostile_site / "figures" / "dibao_rural_persons.js")
    told = json.loads(script.partition(", ")[2].removesuffix(");\n"))
    assert told["figure"]["data"][1]["name"] == html.escape(HOSTILE, quote=False), "Plotly's markup"
    assert "<img" not in script


def test_tibetan_and_rare_characters_survive_in_pages_and_downloads(hostile_site):
    assert RARE in text_of(hostile_site / "townships.html")
    with (hostile_site / "data" / "dibao_rural_persons.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        names = {row["area_name"] for row in csv.DictReader(file)}
    assert RARE in names


def test_a_download_holds_every_published_cell_of_its_indicator(site, county_frames):
    path = site / "data" / "orphan_total.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    told = pl.read_csv(path, schema_overrides={"ref_area": pl.String})
    cells = county_frames.observations.filter(pl.col("indicator_id") == "orphan_total")
    assert told["obs_value"].to_list() == cells["obs_value"].to_list()
    assert told.filter(pl.col("conf_status") == "C")["obs_value"].null_count() == 15


def test_a_name_that_a_spreadsheet_would_run_is_kept_as_text():
    from minzheng.publish.site.downloads import as_text

    assert as_text("=HYPERLINK()") == "'=HYPERLINK()"
    assert as_text("沙柳河镇") == "沙柳河镇"


def test_the_archive_names_the_releases_before_this_one_newest_first(site):
    links = [
        one["href"]
        for one in Elements(site / "archive.html").of("a")
        if one.get("class") == "earlier"
    ]
    places = ("2024-03/r1/bureau", "2024-02/r2/bureau", "2024-02/r1", "evaluation-145/r1")
    assert links == [f"../../../../{one}/site/index.html" for one in places]
    english = [
        one["href"]
        for one in Elements(site / "en" / "archive.html").of("a")
        if one.get("class") == "earlier"
    ]
    assert english == ["../" + link for link in links]
    assert "“十四五”规划总结评估 第1版" in text_of(site / "archive.html")


def test_revisions_are_shown_with_old_and_new_value_and_reason(site):
    for page in (site / "changes.html", site / "indicator" / "inst_beds.html"):
        assert re.search(r"418\s*</td><td class=\"n\">\s*420\s*</td><td>迟报补录", text_of(page))


def test_every_township_has_its_figures_and_its_quality_page(site):
    for area in TOWNSHIPS:
        assert "农村低保人数" in words_of(site / "township" / f"{area}.html")
    late = words_of(site / "quality" / f"{LATE}.html")
    assert "老年人能力综合评估台账✕ 未报" in late.replace(" ✕", "✕")
    assert "F05 临时救助金额" in words_of(site / "quality" / f"{TOWNSHIPS[3]}.html")
    assert "F05 临时救助金额" in words_of(site / "quality" / "rules.html")


def test_a_township_is_told_what_to_send_correct_and_verify(county_frames):
    files, quality = county_frames.files, county_frames.quality
    here = pl.col("township_code") == LATE
    wrong = files.with_columns(pl.when(here).then(3).alias("rows_quarantined").cast(pl.Int64))
    bad = pl.col("rule_id") == "K01"
    state = pl.when(here & bad & (pl.col("dataset") == "tekun_roll")).then(pl.lit("fail"))
    broken = quality.with_columns(state.otherwise("state").alias("state"), failed=pl.lit(2))
    book = Book(replace(county_frames, files=wrong, quality=broken), MONTH)
    sentence = rules()["K01"].sentence
    assert tasks(book, CHINESE, LATE) == [
        "补报《老年人能力综合评估台账》：尚未收到。",
        "更正《养老机构月报》：3行有误，暂未计入；请按发回的退回清单逐行改正后重新报送。",
        f"核实《特困人员救助供养花名册》2行“身份证号校验”（K01，差错）。要求：{sentence}",
    ]
    assert tasks(Book(county_frames, MONTH), CHINESE, TOWNSHIPS[0]) == []


# low–high of four townships | where more is better | where less is
INTERVALS = [
    ("5 7 9 9", [4, 3, 1, 1], [1, 2, 3, 3]),
    ("5-6 6-7 9 1", [None, None, 1, 4], [None, None, 4, 1]),
    ("5-6 7 - 1", [2, 1, None, 3], [2, 3, None, 1]),
    ("5-? 7 9 1", [None] * 4, [None] * 4),
]


@pytest.mark.parametrize(("drawn", "up", "down"), INTERVALS)
def test_no_rank_is_told_where_intervals_overlap(drawn, up, down):
    def standing(text):
        low, _, high = text.partition("-")
        if not low:
            return Standing("", None, None, None, "缺报")
        bounds = (None, None) if high == "?" else (float(low), float(high or low))
        return Standing("", float(low), *bounds, low)

    told = [standing(text) for text in drawn.split()]
    assert ranks(told, down=False) == up
    assert ranks(told, down=True) == down


def test_every_word_of_the_contracts_has_both_languages(county_frames):
    told = site_words()
    indicators = county_frames.indicators
    assert set(indicators["group"]) <= set(told.subjects)
    assert set(indicators["direction"]) <= set(told.directions)
    assert set(indicators["nature"]) <= set(told.natures)
    plain = {
        unit for unit in indicators["unit_measure"] if unit and re.search(r"[\u4e00-\u9fff]", unit)
    }
    assert plain <= set(told.units)


def test_a_change_is_told_in_parts_that_add_up_or_why_it_is_not(site):
    told = words_of(site / "indicator" / f"{MOVED}.html")
    assert "上月612新增+21退出−6转入0转出−5修订+6本月628" in told.replace(" ", "")
    assert "本月或上月缺数据，不能分解。" in words_of(site / "indicator" / f"{UNPARTED}.html")
    assert "本月为什么变" not in words_of(site / "indicator" / "inst_beds.html")


def test_every_number_of_the_report_links_to_its_indicator_and_month(site, county_frames):
    report = build_report(county_frames, MONTH)
    told = [
        a["href"]
        for tag, a in Elements(site / "report.html").found
        if tag == "a" and "#m2" in a.get("href", "")
    ]
    wanted = [span.references[0] for span in report.spans() if span.references and span.text]
    assert told == [f"indicator/{cell.indicator_id}.html#m{cell.time_period}" for cell in wanted]
    assert len(told) > 50
    text = words_of(site / "report.html").replace(" ", "")
    for block in report.blocks:
        if isinstance(block, Paragraph) and not block.open:
            assert plain(block.spans).replace(" ", "") in html.unescape(text)


def test_a_number_leads_to_its_files_checks_and_models(site):
    page = site / "indicator" / "nursing_bed_share.html"
    told, hashes = (
        words_of(page),
        [attrs.get("title") for tag, attrs in Elements(page).found if tag == "code"],
    )
    assert (
        "养老机构月报当月14 abababab 13 abababab 12 abababab 11 abababab 10 abababab 15F01" in told
    )
    counted = text_of(site / "methods.html").partition('<tr id="nursing_bed_share"')[2]
    assert "sql/indicator/fact/facility.sql" in counted.partition("</tr>")[0]
    assert hashes.count("ab" * 32) == len(TOWNSHIPS)
    listed = words_of(site / "source" / "care_facility.html")
    assert all(AREAS[area] in listed for area in TOWNSHIPS)


def test_a_township_without_its_file_has_no_line_among_the_files_in_force(site):
    told = words_of(site / "source" / f"{LATE_DATASET}.html")
    assert AREAS[LATE] not in told
    assert "老年人补贴花名册当月没有文件 缺5份" in words_of(
        site / "indicator" / "elder_assess_rate.html"
    )


def test_a_dataset_s_page_leads_to_its_asset_where_the_control_room_s_address_is_set(
    book, monkeypatch
):
    from minzheng.publish.site import origin

    listed = book.frames.files.to_dicts()
    assert origin.source_page(book, "care_facility", listed)["control_room"] == ""
    known = site_words().model_copy(update={"control_room": "http://127.0.0.1:3000"})
    monkeypatch.setattr(origin, "site_words", lambda: known)
    link = origin.source_page(book, "care_facility", listed)["control_room"]
    assert link == "http://127.0.0.1:3000/assets/register/care_facility"
    page = page_environment().get_template("source.html").render(
        book=book, say=CHINESE, page=Page("source/care_facility.html", "source.html", "quality", "养老机构月报", dict),
        **origin.source_page(book, "care_facility", []),
    )  # fmt: skip
    assert f'<a href="{link}">' in page
    with pytest.raises(ValueError, match="control_room"):
        type(known).model_validate({**known.model_dump(), "control_room": "javascript:alert(1)"})
