"""The Word report as an office program lays it out."""

import re
import shutil
import subprocess

import pytest

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
]


def test_an_office_program_opens_the_report_and_keeps_its_pages(release, tmp_path):
    from pypdf import PdfReader

    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(release / "report.docx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pages = PdfReader(tmp_path / "report.pdf").pages
    texts = [re.sub(r"\s+", "", page.extract_text()) for page in pages]
    assert 5 <= len(pages) <= 10
    assert [page.mediabox.width > page.mediabox.height for page in pages] == [False] * (len(pages) - 1) + [True]
    assert "附件1" in texts[-2]
    assert "附件2" in texts[-1]
    signed = next(text for text in texts if "2024年4月15日" in text)
    assert "特此报告" in signed, "the signature stands alone on its page"
    assert all(f"—{number}—" in text for number, text in enumerate(texts, 1))
