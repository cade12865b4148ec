"""The report: its parts, that each number is a published cell, that docx and pdf say the same."""

import re
import zipfile
from dataclasses import replace

import polars as pl
import pytest
from lxml import etree
from pypdf import PdfReader

from minzheng.progress.table import Verdict
from minzheng.publish import glyphs
from minzheng.publish.cells import Published
from minzheng.publish.numbers import rounded
from minzheng.publish.plan_line import PlanLine, of_few
from minzheng.publish.report.assurance import revision_notes
from minzheng.publish.report.blocks import Figure, Heading, Paragraph, Table
from minzheng.publish.report.building import build_report, title_lines
from minzheng.publish.report.docx import TEMPLATE
from minzheng.publish.report.docx_template import STYLES, build_template
from minzheng.publish.report.pdf import chinese_face
from minzheng.publish.report.pictures import png_pictures
from minzheng.publish.report.progress_text import gap_sentence, status_counts, township_table
from minzheng.publish.report.sentences import plain
from minzheng.publish.report.wordxml import ORDER, W, tag
from tests.place import AREA, AREA_NAME

needs_face = pytest.mark.skipif(
    chinese_face() is None, reason="no Chinese face on this machine (fonts-noto-cjk)"
)
LEVEL_1 = ["一、主要情况", "二、规划指标进展", "三、监测预警和数据质量", "四、下一步工作"]


def squeezed(text):
    return re.sub(r"\s+", "", text)


def docx_text(path):
    with zipfile.ZipFile(path) as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    return squeezed("".join(root.itertext(tag("t"))))


def test_the_chapters_stand_in_the_order_the_prefecture_expects(frames, month):
    blocks = build_report(frames, month).blocks
    assert [b.text for b in blocks if isinstance(b, Heading) and b.level == 1] == LEVEL_1
    assert [b.text for b in blocks if isinstance(b, Heading) and b.level == 2] == [
        "（一）综合", "（二）经费", "（三）社会救助", "（四）儿童福利", "（五）残疾人福利", "（六）养老服务", "（七）社会事务",
        "（一）监测预警", "（二）数据质量", "（三）口径和修订",
    ]  # fmt: skip


def test_the_next_steps_are_left_for_people(frames, month):
    blocks = build_report(frames, month).blocks
    at = blocks.index(Heading(1, "四、下一步工作"))
    assert blocks[at + 1].open
    assert [b for b in blocks if isinstance(b, Paragraph) and b.open] == [blocks[at + 1]]


def test_every_plain_value_in_a_sentence_equals_its_published_cell(frames, month):
    values = {
        (row["indicator_id"], row["ref_area"], row["time_period"], row["category"]): row
        for row in frames.observations.iter_rows(named=True)
    }
    checked = 0
    for block in build_report(frames, month).blocks:
        for span in block.spans if isinstance(block, Paragraph) else ():
            if len(span.references) == 1 and re.fullmatch(r"-?\d+(\.\d+)?", span.text):
                r = span.references[0]
                category = r.breakdown.partition("category=")[2] or "_T"
                cell = values[(r.indicator_id, r.ref_area, r.time_period, category)]
                assert cell["obs_value"] is not None
                if span.text == f"{rounded(cell['obs_value'], cell['decimals'])}":
                    checked += 1
                else:  # the remaining gap to a target refers to its cell too
                    assert any(
                        row["indicator_id"] == r.indicator_id
                        for row in frames.progress.iter_rows(named=True)
                    )
    assert checked > 40


def test_every_digit_of_the_situation_is_bound_to_a_cell(frames, month):
    blocks = build_report(frames, month).blocks
    start, end = blocks.index(Heading(1, LEVEL_1[0])), blocks.index(Heading(1, LEVEL_1[1]))
    free = [
        s.text
        for b in blocks[start:end]
        if isinstance(b, Paragraph)
        for s in b.spans
        if not s.references
    ]
    loose = [text for text in free if re.search(r"\d", re.sub(r"^\d\.|1(—\d+)?月", "", text))]
    assert loose == []


def test_a_county_cell_without_one_township_is_told_by_who_has_reported(frames, month):
    text = build_report(frames, month).text()
    assert "老年人能力综合评估率缺报（已报4/5）" in text
    assert "未报送的有：吉尔孟乡（老年人能力综合评估" in text


def test_how_many_checks_failed_is_told_to_the_bureau_s_own_readers_only(frames, month):
    inside = replace(frames, files=pl.DataFrame({"intake_no": [1]}))
    told = re.findall("共运行校验规则[0-9]+条", build_report(inside, month).text())
    assert (len(told), "校验规则" in build_report(frames, month).text()) == (1, False)


def test_a_withheld_cell_appears_nowhere_in_the_report(frames, month):
    published = Published(frames, month)
    hidden = published.cell("orphan_total", f"{AREA}202")
    assert (hidden.state, hidden.value, hidden.text) == ("suppressed", None, "＊")


def test_a_single_lead_is_printed_as_such(frames, month):
    few = frames.leads.with_columns(
        pl.lit(0).alias("open_cases"), pl.lit(0).alias("overdue"), leads=pl.lit(0)
    ).with_columns(leads=pl.when(pl.col("township_code") == f"{AREA}100").then(1).otherwise(0))
    assert (
        "红色1件（其中未办结0件，超期0件）"
        in build_report(replace(frames, leads=few), month).text()
    )


def test_leads_that_could_not_be_judged_are_left_out_and_said_so(frames, month):
    unknown = frames.leads.with_columns(
        leads=pl.when((pl.col("rule_id") == "SW01") & (pl.col("township_code") == f"{AREA}202"))
        .then(None)
        .otherwise("leads")
    )
    text = build_report(replace(frames, leads=unknown), month).text()
    assert "红色15件（未能判断的未计入）" in text
    assert "橙色16件（其中" in text


def test_the_county_s_own_row_of_a_rule_is_told_once_beside_the_townships(frames, month):
    own = frames.leads.group_by("month", "rule_id", "kind", "level", "title_zh").agg(
        pl.col("leads", "open_cases", "overdue", "unsure").sum(), list_age=pl.lit(None, pl.Int64)
    )
    both = pl.concat(
        [
            frames.leads,
            own.with_columns(township_code=pl.lit(AREA)).select(frames.leads.columns),
        ]
    )
    assert "橙色16件（其中" in build_report(replace(frames, leads=both), month).text()


def told_of(frames, month, **changed):
    """The report's text with frames of leads put in."""
    return build_report(replace(frames, **changed).shaped(), month).text()


def test_the_report_says_how_old_the_lists_behind_the_leads_are_and_what_a_missing_one_made(
    frames, month
):
    old = pl.when(pl.col("rule_id") == "SW01").then(2).otherwise(0)
    rows = frames.leads.with_columns(list_age=old, unsure=pl.lit(0)).unique("rule_id")
    assert "其中1条规则依据的名单不是本月的（最早的早2个月）。" in told_of(
        frames, month, leads=rows
    )
    assert "所依据的名单均为本月。" in told_of(
        frames, month, leads=rows.with_columns(list_age=pl.lit(0))
    )
    made = rows.with_columns(unsure=pl.when(pl.col("rule_id") == "LB02").then(7).otherwise(0))
    assert "有7件因有关名单未报齐而产生，可能不实，报齐后自动复核。" in told_of(
        frames, month, leads=made
    )


def test_the_report_says_leads_by_township_and_against_the_month_before(frames, month):
    names = ["month", "township_code", "level", "leads"]
    rows = [
        [month, AREA, "orange", 16],
        [month, f"{AREA}100", "orange", 9],
        [month, f"{AREA}101", "orange", None],
        ["2024-02", AREA, "orange", 12],
    ]
    text = told_of(frames, month, lead_levels=pl.DataFrame(rows, schema=names, orient="row"))
    assert "分乡镇看，沙柳河镇橙色9件；哈尔盖镇橙色未能判断。与上月相比，橙色增加4件。" in text


def test_a_level_with_a_rule_that_could_not_be_judged_is_not_compared_with_the_month_before(
    frames, month
):
    names = ["month", "township_code", "level", "leads", "open_cases", "overdue", "not_judged"]
    rows = [
        [month, AREA, "orange", 36, 49, 26, 1],
        [month, AREA, "red", 13, 13, None, 0],
        ["2024-02", AREA, "orange", 49, 49, 16, 0],
        ["2024-02", AREA, "red", 9, 9, 8, 0],
    ]
    text = told_of(frames, month, lead_levels=pl.DataFrame(rows, schema=names, orient="row"))
    assert "红色13件（其中未办结13件" in text
    assert "橙色36件（连同名单未报而续办的未办结49件，超期26件）" in text
    assert (
        "与上月相比，红色增加4件。橙色另有1条规则因名单未齐未能判断，件数未计入，不与上月比较。"
        in text
    )
    assert "橙色减少" not in text


def test_a_rule_that_wastes_time_is_named_in_the_report(frames, month):
    names = ["month", "rule_id", "township_code", "title_zh", "confirmed", "refuted", "precision"]
    rows = [
        [month, "CB01", AREA, "名下有车辆", 1, 9, 0.1],
        [month, "CB02", AREA, "名下有工商登记", 1, 8, 1 / 9],
        [month, "SW01", AREA, "死亡次月后仍发放", 10, 0, 1.0],
    ]
    text = told_of(frames, month, lead_measures=pl.DataFrame(rows, schema=names, orient="row"))
    assert (
        "属实12件、不属实17件，属实率41.4%；属实率低于20%、宜修订的规则：CB01（名下有车辆）。"
        in text
    )


def test_a_level_of_which_nothing_could_be_judged_says_only_that(frames, month):
    hidden = frames.leads.with_columns(
        leads=pl.when(pl.col("rule_id") == "SW01").then(None).otherwise("leads")
    )
    text = build_report(replace(frames, leads=hidden), month).text()
    assert (
        "橙色16件（其中未办结11件，超期4件），红色未能判断。按类别分，漏保16件，死亡未能判断。"
        in text
    )


def test_names_in_tibetan_and_rare_characters_survive(frames, month, tmp_path):
    from minzheng.contracts.calendar import report_date
    from minzheng.publish.report.docx import write_docx
    from minzheng.publish.report.pdf import write_pdf

    areas = frames.areas.with_columns(
        pl.when(pl.col("code") == f"{AREA}100")
        .then(pl.lit("𬭶འབྲི་ཆུ་镇"))
        .otherwise(pl.col("name_zh"))
        .alias("name_zh")
    )
    report = build_report(replace(frames, areas=areas), month)
    write_docx(report, tmp_path / "r.docx", {})
    assert "𬭶འབྲི་ཆུ་镇" in docx_text(tmp_path / "r.docx")
    figures = [block.chart for block in report.blocks if isinstance(block, Figure)]
    drawings = dict.fromkeys(figures, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    if chinese_face():
        assert write_pdf(report, tmp_path / "r.pdf", drawings, report_date(month))


NOWHERE = "\U0010fffd"  # for private use at the end of the last plane: no font has it
NOTE = "本机字体缺少下列字符，文中以编码代替：U+10FFFD。"


@needs_face
def test_a_character_that_no_font_has_is_drawn_as_its_code_and_said_so(frames, month, tmp_path):
    from minzheng.contracts.calendar import report_date
    from minzheng.publish.report.pdf import write_pdf

    areas = frames.areas.with_columns(
        pl.when(pl.col("code") == f"{AREA}100")
        .then(pl.lit(f"沙{NOWHERE}镇"))
        .otherwise(pl.col("name_zh"))
        .alias("name_zh")
    )
    report = build_report(replace(frames, areas=areas), month)
    figures = [block.chart for block in report.blocks if isinstance(block, Figure)]
    drawings = dict.fromkeys(figures, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    assert write_pdf(report, tmp_path / "r.pdf", drawings, report_date(month))
    text = squeezed("".join(page.extract_text() for page in PdfReader(tmp_path / "r.pdf").pages))
    assert "沙[U+10FFFD]镇" in text
    assert text.count(NOTE) == 1


@needs_face
def test_a_picture_with_such_a_character_has_the_line_below_it_and_any_other_has_none():
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 20"><text x="1" y="15">沙{}镇</text></svg>'
    plain, odd = (png_pictures({"a": drawing.format(one)}, ["a"])["a"] for one in ("柳", NOWHERE))
    heights = [int.from_bytes(picture[20:24], "big") for picture in (plain, odd)]
    assert heights[0] < heights[1]


def test_what_every_chinese_font_has_is_never_looked_up(monkeypatch):
    monkeypatch.setattr(glyphs, "_has_glyphs", lambda characters: pytest.fail(characters))
    assert glyphs.drawable(f"{AREA_NAME}2024年3月：—…①②％〔〕") == (
        f"{AREA_NAME}2024年3月：—…①②％〔〕",
        "",
    )


def test_characters_that_cannot_be_drawn_are_found_among_many_that_can(monkeypatch):
    missing = {NOWHERE, "\u0f60"}
    glyphs._undrawable.cache_clear()
    monkeypatch.setattr(glyphs, "_has_glyphs", lambda characters: not missing & set(characters))
    text = "".join(map(chr, range(0x0F40, 0x0F80))) + NOWHERE
    shown, told = glyphs.drawable(text)
    glyphs._undrawable.cache_clear()
    assert shown == text.replace("\u0f60", "[U+0F60]").replace(NOWHERE, "[U+10FFFD]")
    assert told.endswith("U+0F60、U+10FFFD。")


def test_a_report_without_plan_leads_or_quality_is_still_whole(frames, month):
    bare = replace(
        frames,
        progress=frames.progress.clear(),
        leads=frames.leads.clear(),
        quality=frames.quality.clear(),
    )
    report = build_report(bare, month)
    assert "本期没有带目标值的规划指标。" in report.text()
    assert "progress" not in [b.chart for b in report.blocks if isinstance(b, Figure)]


# base | now | target | class | way
WAYS = [
    (30.0, 48.0, 55.0, "moderate_progress", 0.72),
    (70.0, 63.0, 90.0, "deterioration", -0.35),
    (56.0, 56.5, 55.0, "target_achieved", 1.0),  # the base lay past the target
    (50.0, 86.0, 80.0, "target_achieved", 1.2),
    (10.0, 4.0, 0.0, "moderate_progress", 0.6),  # lower is better
    (60.0, 50.0, 55.0, "deterioration", None),  # fell back behind a target that was met
    (55.0, 50.0, 55.0, "deterioration", None),
    (None, 50.0, 55.0, None, None),
]


@pytest.mark.parametrize(("base", "now", "target", "status", "way"), WAYS)
def test_the_way_gone_is_measured_from_base_to_target(published, base, now, target, status, way):
    cell = replace(published.cell("nursing_bed_share"), value=now, lower=now, upper=now)
    row = line(cell, base, target, status, "down" if target == 0 else "up")
    assert row.advance == (None if way is None else pytest.approx(way))
    assert replace(row, cell=replace(cell, state="missing", value=None)).advance is None


def line(cell, base, target, status=None, direction="up", upper=None):
    verdict = Verdict(
        indicator_id="nursing_bed_share", ref_area=AREA, plan_id="145", nature="binding_national",
        baseline_value=base, target_value=target, target_verified=True, status_path=status,
    )  # fmt: skip
    return PlanLine(verdict, "护理床位占比", "%", 1, direction, cell, upper, "张")


# direction | base | now | target | upper | class | word | gap
GOALS = [
    ("up", 40.0, 56.0, 55.0, None, "target_achieved", "已达标", 0.0),
    ("up", 55.0, 55.0, 55.0, None, "target_achieved", "守住底线", 0.0),
    ("up", 60.0, 54.0, 55.0, None, "deterioration", "跌破底线", 1.0),
    ("up", 40.0, 39.0, 55.0, None, "deterioration", "倒退", 16.0),
    ("down", 2.0, 3.0, 3.0, None, "target_achieved", "守住上限", 0.0),
    ("down", 2.0, 5.0, 3.0, None, "deterioration", "突破上限", 2.0),
    ("band", 1.3, 1.4, 1.3, 1.5, "target_achieved", "在区间内", 0.0),
    ("band", 1.3, 1.8, 1.3, 1.5, "deterioration", "移出区间", 0.3),
    ("band", 1.0, 1.1, 1.3, 1.5, "limited_progress", "明显滞后", 0.2),
]


@pytest.mark.parametrize(
    ("direction", "base", "now", "target", "upper", "status", "word", "gap"), GOALS
)
def test_what_the_base_had_passed_is_something_to_keep(
    published, direction, base, now, target, upper, status, word, gap
):
    row = line(
        replace(published.cell("nursing_bed_share"), value=now, lower=now, upper=now),
        base,
        target,
        status,
        direction,
        upper,
    )
    assert (row.word, row.gap) == (word, pytest.approx(gap))


def test_floors_that_are_kept_are_counted_among_what_is_met(published):
    cell = replace(published.cell("nursing_bed_share"), value=56.0)
    lines = [line(cell, 40.0, 55.0, "target_achieved"), line(cell, 55.0, 55.0, "target_achieved")]
    assert (
        plain(status_counts(lines, False))
        == "列入监测的2项规划指标中，已达标2项（其中守住底线1项）。"
    )


# unit | numerator | denominator | said
FEW = [
    ("%", 1.0, 2.0, "（2个中1个）"),
    ("%", 10.0, 10.0, "（10个中10个）"),
    ("%", 5.0, 11.0, ""),
    ("%", 1.5, 2.0, ""),
    ("%", None, None, ""),
    ("%", 0.0, 0.0, ""),
    ("倍", 1.0, 2.0, ""),
]


@pytest.mark.parametrize(("unit", "part", "whole", "said"), FEW)
def test_a_share_of_few_units_is_told_with_the_units(published, unit, part, whole, said):
    cell = replace(
        published.cell("nursing_bed_share"), unit=unit, numerator=part, denominator=whole
    )
    assert of_few(cell, "个") == said
    assert of_few(replace(cell, state="suppressed"), "个") == ""


def test_titles_break_at_sense_units():
    assert title_lines(f"{AREA_NAME}民政局", "关于报送2024年3月民政统计月报的报告")[1:] == (
        "关于报送2024年3月",
        "民政统计月报的报告",
    )


def test_word_properties_stand_in_schema_order(release):
    with zipfile.ZipFile(release / "report.docx") as archive:
        for name in ("word/document.xml", "word/styles.xml"):
            root = etree.fromstring(archive.read(name))
            for part, names in ORDER.items():
                ranks = {f"{{{W}}}{child}": rank for rank, child in enumerate(names.split())}
                for element in root.iter(f"{{{W}}}{part}"):
                    order = [ranks[child.tag] for child in element if child.tag in ranks]
                    assert order == sorted(order), etree.tostring(element)
                    assert all(
                        child.tag in ranks for child in element if child.tag.startswith(f"{{{W}}}")
                    ), part


def test_the_page_is_that_of_the_standard(release):
    from docx import Document

    document = Document(str(release / "report.docx"))
    section = document.sections[0]
    sizes = [
        section.page_width,
        section.page_height,
        section.top_margin,
        section.bottom_margin,
        section.left_margin,
    ]
    assert [round(size.mm) for size in sizes] == [210, 297, 37, 35, 28]
    assert round((section.page_width - section.left_margin - section.right_margin) / 36000) == 156
    assert document.settings.odd_and_even_pages_header_footer
    normal = document.styles["Normal"].element
    assert normal.find(f".//{tag('spacing')}").get(tag("line")) == "579"
    assert normal.find(f".//{tag('rFonts')}").get(tag("eastAsia")) == "仿宋_GB2312"


def test_a_turned_page_keeps_its_number_at_the_same_place_of_the_sheet(release):
    from docx import Document

    first, last = (Document(str(release / "report.docx")).sections[at] for at in (0, -1))
    turned = [last.right_margin, last.bottom_margin, last.left_margin, last.top_margin]
    assert turned == [first.top_margin, first.right_margin, first.bottom_margin, first.left_margin]
    for footer, style in ((last.footer, "MZ Page Odd"), (last.even_page_footer, "MZ Page Even")):
        xml = etree.tostring(footer._element)
        assert b'vert="vert"' in xml
        box = etree.fromstring(xml).find(f".//{tag('txbxContent')}")
        assert squeezed("".join(box.itertext())) == "—PAGE—"
        assert box.find(f".//{tag('pStyle')}").get(tag("val")).replace(" ", "") == style.replace(
            " ", ""
        )


@needs_face
def test_the_pdf_turns_the_number_of_a_turned_page(release):
    from pypdf import PdfReader

    page = PdfReader(release / "report.pdf").pages[-1]
    seen = []
    page.extract_text(visitor_text=lambda text, cm, tm, *_: seen.append((text.strip(), cm, tm)))
    found = [(cm, tm) for text, cm, tm in seen if re.fullmatch(r"—\s*\d+\s*—?", text)]
    assert found, [text for text, _, _ in seen][-5:]
    cm, tm = found[-1]
    a, b = tm[0] * cm[0] + tm[1] * cm[2], tm[0] * cm[1] + tm[1] * cm[3]
    assert abs(a) < 1e-6 < abs(b)  # the line runs up or down the page
    x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
    assert 20 < x / 72 * 25.4 < 30


# direction | now | said
GAPS = [
    ("up", 48.0, "护理床位占比48.0%，距55.0%的目标还差7.0个百分点"),
    ("down", 60.0, "护理床位占比60.0%，比55.0%的目标多5.0个百分点"),
    ("up", 54.98, "护理床位占比55.0%，距55.0%的目标已无差距"),
]


@pytest.mark.parametrize(("direction", "now", "said"), GAPS)
def test_the_gap_is_said_in_the_direction_of_the_indicator(published, direction, now, said):
    cell = replace(published.cell("nursing_bed_share"), value=now, lower=now, upper=now)
    assert plain(gap_sentence(line(cell, None, 55.0, direction=direction))) == said


def test_fonts_are_named_with_fall_backs_and_none_is_embedded(release):
    with zipfile.ZipFile(release / "report.docx") as archive:
        table = archive.read("word/fontTable.xml").decode()
        assert not [
            name
            for name in archive.namelist()
            if "font" in name.lower() and name != "word/fontTable.xml"
        ]
    for name, other in (
        ("仿宋_GB2312", "仿宋"),
        ("方正小标宋简体", "华文中宋"),
        ("楷体_GB2312", "楷体"),
    ):
        assert f'w:name="{name}"><w:altName w:val="{other}"/>' in table.replace(" />", "/>")


def test_tables_tell_their_widths_in_the_grid_and_repeat_their_heads(release):
    with zipfile.ZipFile(release / "report.docx") as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    tables = list(root.iter(tag("tbl")))
    assert len(tables) == 3
    for table in tables:
        grid = [int(column.get(tag("w"))) for column in table.iter(tag("gridCol"))]
        first = [int(width.get(tag("w"))) for width in next(table.iter(tag("tr"))).iter(tag("tcW"))]
        assert grid == first
        assert next(table.iter(tag("tr"))).find(f".//{tag('tblHeader')}") is not None
        assert len(list(table.iter(tag("cantSplit")))) == len(list(table.iter(tag("tr"))))


def test_the_shipped_template_is_the_one_the_builder_makes():
    assert build_template() == TEMPLATE.read_bytes()


def test_the_template_holds_every_style_that_the_report_uses(release):
    from docx import Document

    styles = {style.name for style in Document(str(TEMPLATE)).styles}
    assert set(STYLES) | {"MZ Table"} <= styles


def test_the_word_text_is_the_model_s_text(frames, month, release):
    from minzheng.publish.release.writing import prepared

    report = build_report(prepared(frames, f"{month}-r1", None), month)
    assert docx_text(release / "report.docx") == squeezed(report.text())


@needs_face
def test_docx_and_pdf_say_the_same(release):
    from pypdf import PdfReader

    pages = [page.extract_text() for page in PdfReader(release / "report.pdf").pages]
    told = squeezed("".join(re.sub(r"内部资料|—\s*\d+\s*—", "", page) for page in pages))
    before = "分项结论见指标表。"  # what stands in a picture is text of the pdf, and between it and the caption
    for caption in (
        "图1规划指标进度（2024年3月）",
        "图2养老机构护理型床位占比（截至2024年3月）",
        "图3低保覆盖率（截至2024年3月）",
    ):
        figure = told.index(caption)
        picture = told.rfind(before, 0, figure) + len(before)
        told, before = told[:picture] + told[figure:], caption
    assert told == docx_text(release / "report.docx")


@needs_face
def test_the_pdf_claims_archive_and_accessible_forms(release):
    from pypdf import PdfReader

    reader = PdfReader(release / "report.pdf")
    meta = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in meta
    assert "<pdfuaid:part>1</pdfuaid:part>" in meta
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"


def tags(element, found):
    """Every structure element below, by its kind."""
    element = element.get_object()
    if "/S" in element:
        found.setdefault(element["/S"], []).append(element)
    below = element.get("/K")
    below = below.get_object() if hasattr(below, "get_object") else below
    for child in below if isinstance(below, list) else [below]:
        if hasattr(child, "get_object") and hasattr(child.get_object(), "get"):
            tags(child, found)
    return found


@needs_face
def test_the_pdf_is_tagged_titled_and_carries_its_faces_and_colours(release):
    from pypdf import PdfReader

    reader = PdfReader(release / "report.pdf")
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == f"{AREA_NAME}民政局关于报送2024年3月民政统计月报的报告"
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert not {"/AcroForm", "/OpenAction", "/AA", "/Names"} & set(root)
    assert not reader.is_encrypted
    for page in reader.pages:
        assert page["/Tabs"] == "/S"
        for font in page["/Resources"].get("/Font", {}).values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
            assert "/ToUnicode" in font.get_object()
    found = tags(root["/StructTreeRoot"], {})
    assert len(found["/H1"]) == len(LEVEL_1)
    assert len(found["/Table"]) == len(found["/THead"]) == 3
    assert found["/TH"]
    first, *trends = [figure["/Alt"] for figure in found["/Figure"]]
    assert first.startswith("各项规划指标从基数到目标")
    assert [alt[:7] for alt in trends] == ["2024年3月"] * 2


def test_the_picture_has_an_alternative_text(release):
    with zipfile.ZipFile(release / "report.docx") as archive:
        document = archive.read("word/document.xml").decode()
    if chinese_face() is None:
        assert "图未生成" in document
    else:
        assert 'descr="各项规划指标从基数到目标的进度' in document


def test_the_tables_hold_the_published_numbers(frames, month):
    *_, townships = [b for b in build_report(frames, month).blocks if isinstance(b, Table)]
    row = next(row for row in townships.rows if row[0].text == "农村低保人数")
    shown = [span.text for span in row[2:]]
    cells = frames.observations.filter(
        (pl.col("indicator_id") == "dibao_rural_persons") & (pl.col("time_period") == month)
    )
    assert shown == [f"{value:.0f}" for value in cells.sort("ref_area")["obs_value"]]


def test_a_new_definition_is_marked_in_the_tables_of_the_report(broken_frames, published):
    broken = Published(broken_frames, published.month)
    rows = {row[0].text: [span.text for span in row[2:]] for row in township_table(broken).rows}
    assert all(text.endswith("‡") for text in rows["城市低保人数"])
    assert rows["老年人能力综合评估率"][0] == "已报4/5‡"
    assert not any("‡" in text for text in rows["养老机构床位数"]), (
        "its definition began months ago"
    )
    assert not any("‡" in span.text for row in township_table(published).rows for span in row)


def test_the_report_names_what_counts_by_another_definition_or_population_from_this_month(
    broken_frames, published
):
    here = (pl.col("indicator_id") == "dibao_coverage") & (pl.col("time_period") == published.month)
    note = (
        pl.when(here)
        .then(pl.lit("人口口径:常住人口(2024年)"))
        .otherwise(pl.lit("人口口径:户籍人口(2023年)"))
    )
    told = replace(broken_frames, observations=broken_frames.observations.with_columns(note=note))
    text = "".join(
        plain(paragraph.spans) for paragraph in revision_notes(Published(told, published.month))
    )
    assert (
        "本月起口径有调整的指标：城市低保人数、老年人能力综合评估率，与以前各月不可直接比较。"
        in text
    )
    assert "本月起人口口径有变化的指标：低保覆盖率，与以前各月不可直接比较。" in text
    assert "本月起" not in "".join(
        plain(paragraph.spans) for paragraph in revision_notes(published)
    )
