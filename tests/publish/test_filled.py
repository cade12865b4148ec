"""What an office fills in by hand, the table the prefecture looks at first, and what both renderings make of them."""

import pytest

from minzheng.contracts.calendar import report_date
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.publish.cells import Published
from minzheng.publish.release.writing import blank_items
from minzheng.publish.report.blocks import Figure, Heading, Paragraph, RedHead, Table, Title
from minzheng.publish.report.building import build_report
from minzheng.publish.report.docx import write_docx
from minzheng.publish.report.filled import (
    Filled,
    by_section,
    filled,
    open_places,
    write_filled,
)
from minzheng.publish.report.ministry_form import write_form
from minzheng.publish.report.pdf import write_pdf
from minzheng.publish.report.pictures import chinese_face
from tests.place import AREA, AREA_NAME

WHOLE = Filled(
    red_head=True,
    document_number="刚民〔2024〕12号",
    issuer="虚构签发人",
    contact="虚构科员",
    telephone="0970-0000000",
    reasons={"社会救助": "农村低保人数减少，主要是年度复核退出。"},
    next_steps={"社会救助股": "做好复核。", "养老服务股": "推进床位改造。"},
    imprint=True,
    copies_to="县政府办公室",
)


def rows_of(frames, month):
    blocks = build_report(frames, month).blocks
    table = next(block for block in blocks if isinstance(block, Table))
    return {row[0].text: [span.text for span in row[1:]] for row in table.rows}


def test_the_first_table_stands_before_the_first_chapter_and_compares_as_printed(frames, month):
    kinds = [type(block) for block in build_report(frames, month).blocks]
    assert kinds.index(Table) < kinds.index(Heading)
    rows = rows_of(frames, month)
    assert rows["城市低保人数（人）"] == ["512", "511", "498", "", ""]
    assert rows["养老机构护理型床位占比（%）"] == ["48.0", "47.7", "44.4", "55.0", "略滞后"]


def test_every_number_of_the_first_table_names_the_cell_and_month_it_comes_from(frames, month):
    blocks = build_report(frames, month).blocks
    table = next(block for block in blocks if isinstance(block, Table))
    row = next(row for row in table.rows if row[0].text == "城市低保人数（人）")
    told = [(one.references[0].indicator_id, one.references[0].time_period) for one in row[1:4]]
    months = ["2024-03", "2024-02", "2023-03"]
    assert told == [("dibao_urban_persons", at) for at in months]


def test_the_trends_are_numbered_after_the_progress_figure(frames, month):
    captions = [b.caption for b in build_report(frames, month).blocks if isinstance(b, Figure)]
    assert [caption[:2] for caption in captions] == ["图1", "图2", "图3"]


def test_what_nobody_filled_in_is_open_and_what_was_left_empty_is_not():
    assert [place.key for place in open_places(Filled())] == ["next_steps", "contact", "telephone"]
    more = Filled(red_head=True, imprint=True)
    assert {"document_number", "issuer", "copies_to"} < {place.key for place in open_places(more)}
    assert open_places(WHOLE) == []
    assert open_places(WHOLE.model_copy(update={"copies_to": ""})) == []


def test_the_office_s_words_stand_where_they_belong(frames, month):
    blocks = build_report(frames, month, own=WHOLE).blocks
    assert isinstance(blocks[0], RedHead)
    assert isinstance(blocks[1], Title)
    text = build_report(frames, month, own=WHOLE).text()
    chapter = text[text.index("（三）社会救助") : text.index("（四）")]
    assert "年度复核退出。" in chapter
    assert "社会救助股：做好复核。" in text
    assert "（联系人：虚构科员；电话：0970-0000000）" in text
    assert text.splitlines()[-2:] == [
        "抄送：县政府办公室。",
        f"{AREA_NAME}民政局\t2024年4月15日印发",
    ]
    assert not [one for one in blocks if isinstance(one, Paragraph) and one.open]


def test_word_and_pdf_print_head_contact_and_imprint(frames, month, tmp_path):
    import docx
    from docx.enum.section import WD_ORIENT, WD_SECTION
    from pypdf import PdfReader

    report = build_report(frames, month, own=WHOLE)
    write_docx(report, tmp_path / "r.docx", {})
    paragraphs = docx.Document(tmp_path / "r.docx").paragraphs
    assert paragraphs[0].text == f"{AREA_NAME}民政局文件"
    assert str(paragraphs[0].runs[0].font.color.rgb) == "FF0000"
    assert paragraphs[2].text == "刚民〔2024〕12号\t签发人：虚构签发人"
    assert paragraphs[-1].text.endswith("印发")
    last = docx.Document(tmp_path / "r.docx").sections[-1]
    assert (last.start_type, last.orientation) == (WD_SECTION.EVEN_PAGE, WD_ORIENT.PORTRAIT)
    if chinese_face() is None:
        pytest.skip("no Chinese face on this machine")
    empty = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
    figures = [block.chart for block in report.blocks if isinstance(block, Figure)]
    write_pdf(report, tmp_path / "r.pdf", dict.fromkeys(figures, empty), report_date(month))
    pages = PdfReader(tmp_path / "r.pdf").pages
    assert "签发人：虚构签发人" in pages[0].extract_text()
    assert "印发" in pages[-1].extract_text()
    assert len(pages) % 2 == 0
    assert pages[-1].mediabox.height > pages[-1].mediabox.width


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home").create()


def test_answers_are_added_to_what_is_there_and_read_back(home):
    write_filled(home, "2024-03", {"red_head": True, "next_steps": {"养老服务股": '推进"改造"。'}})
    write_filled(home, "2024-03", {"issuer": "虚构签发人"})
    found = filled(home, "2024-03")
    assert (found.red_head, found.issuer) == (True, "虚构签发人")
    assert found.next_steps == {"养老服务股": '推进"改造"。'}


def test_the_contact_of_the_settings_stands_where_the_month_names_none(home):
    home.settings.write_text(f'[contacts.{AREA}]\nname = "办公室"\nphone = "0970-1"\n')
    assert (filled(home, "2024-03").contact, filled(home, "2024-03").telephone) == (
        "办公室",
        "0970-1",
    )
    write_filled(home, "2024-03", {"contact": "虚构科员"})
    assert filled(home, "2024-03").contact == "虚构科员"


@pytest.mark.parametrize("text", ["isuer = 'x'", "red_head = 'ja'", "[", "next_steps = 'x'"])
def test_a_file_with_a_word_nobody_knows_is_refused_with_its_name(home, text):
    (home.path / "report").mkdir()
    (home.path / "report" / "2024-03.toml").write_text(text)
    with pytest.raises(MinzhengError, match=r"2024-03\.toml"):
        filled(home, "2024-03")


def test_next_steps_are_asked_for_a_line_a_section():
    told = by_section("社会救助股：做好复核。\n\n加强培训。\n社会救助股：再核。")
    assert told == {"社会救助股": "做好复核。再核。", f"{AREA_NAME}民政局": "加强培训。"}


def test_the_foot_of_a_form_names_who_answers_for_it_and_blank_rows_are_listed(
    frames, month, tmp_path
):
    from openpyxl import load_workbook

    own = Filled(unit_head="虚构局长", compiler="虚构填表人")
    published = Published(frames, month)
    write_form(published, "JZH01", tmp_path / "f.xlsx", own.signers)
    texts = [cell.value for row in load_workbook(tmp_path / "f.xlsx").active for cell in row]
    foot = next(text for text in texts if str(text).startswith("单位负责人"))
    assert foot.startswith("单位负责人：虚构局长　　统计负责人：　　　　　　填表人：虚构填表人　")
    told = blank_items(published, own)["JZH01"]
    assert told["#价格临时补贴*"] == "本期没有此项数据"
    assert told["统计负责人"] == "未填姓名，待签"
    assert told["社区服务站"] == "没有可用的数据来源"
    assert "一、民政事业费累计支出*" not in told
