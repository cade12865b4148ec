"""The Word report as an office program lays it out."""

import re
import subprocess

import pytest

from minzheng.publish.cells import Published
from minzheng.publish.tables.workbook import write_tables

pytestmark = pytest.mark.office


def printed(source, folder):
    """The pages of an office document as LibreOffice prints them: its text without spaces, and whether it lies."""
    from pypdf import PdfReader

    command = [
        "soffice",
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run(
        [*command, "--outdir", str(folder), str(source)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    pages = PdfReader(folder / source.with_suffix(".pdf").name).pages
    return [
        (re.sub(r"\s+", "", page.extract_text()), page.mediabox.width > page.mediabox.height)
        for page in pages
    ]


def test_an_office_program_opens_the_report_and_keeps_its_pages(release, tmp_path):
    pages = printed(release / "report.docx", tmp_path)
    texts = [text for text, _ in pages]
    assert 5 <= len(pages) <= 10
    assert [wide for _, wide in pages] == [False] * (len(pages) - 1) + [True]
    assert "附件1" in texts[-2]
    assert "附件2" in texts[-1]
    signed = next(text for text in texts if "2024年4月15日" in text)
    assert "特此报告" in signed, "the signature stands alone on its page"
    assert all(f"—{number}—" in text for number, text in enumerate(texts, 1))


def test_the_tables_print_on_few_wide_pages_each_with_its_head(broken_frames, month, tmp_path):
    write_tables(Published(broken_frames, month), tmp_path / "tables.xlsx")
    pages = printed(tmp_path / "tables.xlsx", tmp_path)
    (series,) = [text for text, _ in pages if "月度序列" in text and "inst_beds" in text]
    assert re.search(r"养老机构床位数张\d{21}168‡\d{15}", series), (
        "the mark of a new definition is printed at its month"
    )
    assert "2023-10起口径调整" in series
    assert len(pages) <= 9
    assert all(wide for _, wide in pages)
    assert all("指标代码" in text for text, _ in pages[1:])
    assert sum("月度序列" in text for text, _ in pages[1:]) == 1
