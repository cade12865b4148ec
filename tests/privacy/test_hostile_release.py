"""A whole release whose every free text is hostile: opened in a real browser, read as workbook, CSV and document, nothing acts."""

import csv
import io
import zipfile
from dataclasses import replace
from unittest import mock

import openpyxl
import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.publish.conftest import write_release
from tests.site.county import MONTH, TOWNSHIPS, frames

ACT = "window.pwned=1"
MARKUP = f"'\"></script><script>{ACT}</script><img src=x onerror={ACT}>{{{{7*7}}}}&"
FORMULA = '=HYPERLINK("http://127.0.0.1:9/","x")'
NAMES = dict(zip(TOWNSHIPS, [MARKUP, FORMULA, "@SUM(1)", f"=1+1{MARKUP}", "+1"], strict=True))
TEXTS = ("title_zh", "note", "reason", "name_zh", "done", "text")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """The folder of the release."""
    given = frames(names=NAMES)
    hostile = {}
    for name, frame in vars(given).items():
        if isinstance(frame, pl.DataFrame) and name != "areas":
            texts = [
                column
                for column in TEXTS
                if column in frame.columns and frame[column].dtype == pl.String
            ]
            hostile[name] = frame.with_columns(pl.lit(MARKUP).alias(column) for column in texts)
    folder = tmp_path_factory.mktemp("release") / MONTH
    with mock.patch(
        "minzheng.publish.report.pdf.chinese_face", return_value=None
    ):  # a PDF is drawn, it holds no markup
        write_release(folder, MONTH, replace(given, **hostile), key=Ed25519PrivateKey.generate())
    return folder


@pytest.fixture(scope="module")
def page(browser):
    """A page that keeps what it was made to do."""
    opened = browser.new_page()
    opened.done = []
    opened.on(
        "dialog", lambda dialog: (opened.done.append(f"dialog {dialog.message}"), dialog.dismiss())
    )
    opened.on("pageerror", lambda error: opened.done.append(str(error)))
    opened.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith(("file:", "data:", "blob:"))
            else opened.done.append(asked.url)
        ),
    )
    yield opened
    opened.close()


def some(paths: list, each: int) -> list:
    return paths[:: max(1, len(paths) // each)]


@pytest.mark.browser
@pytest.mark.parametrize("most", [10, pytest.param(10**6, marks=pytest.mark.nightly)])
def test_nothing_acts_in_a_browser(release, page, most):
    site = release / "site"
    townships = sorted(site.rglob("township/*.html")) + [
        site / name for name in ("index.html", "townships.html", "changes.html")
    ]
    pages = (
        townships
        + some(sorted(site.rglob("*.html")), most)
        + some(sorted(release.rglob("*.svg")), most)
    )
    assert len(pages) > 20
    for path in pages:
        page.goto(path.as_uri())
        assert page.evaluate("window.pwned") is None, path.relative_to(release)
        assert page.done == [], path.relative_to(release)
    page.goto(townships[0].as_uri())
    assert "{{7*7}}" in page.content(), "the hostile name is shown, as text"


def test_no_cell_of_a_release_is_a_formula_or_a_link(release):
    for path in sorted(release.rglob("*.xlsx")):
        for sheet in openpyxl.load_workbook(path):
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f", f"{path.name} {sheet.title}!{cell.coordinate}"
                    assert cell.hyperlink is None or not cell.hyperlink.target, (
                        f"{path.name} {sheet.title}!{cell.coordinate}"
                    )
    found = sorted(release.rglob("*.csv"))
    assert len(found) > 10
    for path in [*some(found, 40), release / "observations.csv"]:
        for row in csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))):
            for cell in row:
                assert not cell.startswith(("=", "@", "+", "\t", "\r", "＝", "＋", "＠")), (
                    f"{path.name}: {cell[:20]}"
                )


def test_a_document_reaches_for_nothing_outside(release):
    with zipfile.ZipFile(release / "report.docx") as book:
        parts = {name: book.read(name).decode(errors="ignore") for name in book.namelist()}
    assert not [
        name for name, text in parts.items() if "127.0.0.1" in text and name.endswith(".rels")
    ]
    assert "HYPERLINK" not in " ".join(
        text for name, text in parts.items() if "instrText" in text and name.startswith("word/")
    ).replace(FORMULA.replace('"', "&quot;"), "").replace(FORMULA, "")
    drawn = [path.read_text(encoding="utf-8") for path in sorted(release.rglob("*.svg"))]
    assert drawn
    assert not [
        text
        for text in drawn
        if f"<script>{ACT}" in text or "<img " in text or "onload=" in text.split(MARKUP[:4])[0]
    ]
