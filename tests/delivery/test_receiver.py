"""What the receiver can do with nothing but the package: check it in a browser without network, read what changed."""

import json

import openpyxl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.delivery.approvers import unlocked
from minzheng.delivery.package import CHANGES, LETTER, last_sent, package_of
from minzheng.delivery.recipients import allow_list
from minzheng.delivery.review import approve, current, submit
from minzheng.delivery.sending import acknowledge, order
from minzheng.publish.release.manifest import (
    MANIFEST,
    SIGNATURE,
    read_manifest,
    signing_key,
    verify,
    write_manifest,
)
from tests.delivery.conftest import APPROVER, AUTHOR, FIGURES, MONTH, NINE, PASSPHRASE
from tests.place import AREA, AREA_NAME

OLD_BROWSER = """
const known = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (form, key, name, ...rest) =>
  name === "Ed25519" ? Promise.reject(new DOMException("no", "NotSupportedError")) : known(form, key, name, ...rest);
"""


@pytest.fixture
def handed_over(home, draft, freeze, approver):
    """`handed_over(month)` brings a month to the recipient by hand, receipt and all; gives the package."""

    def go(month=MONTH, revision=1, **said):
        draft(month, revision=revision, **said)
        submit(home, month, AUTHOR)
        approve(home, month, APPROVER, unlocked(home, APPROVER, PASSPHRASE), NINE)
        freeze(month, revision=revision)
        package = package_of(home, month, allow_list(home).recipients[0])
        order([package], at=NINE)
        acknowledge(package, "北民函〔2024〕5号", AUTHOR)
        return package

    return go


@pytest.fixture(params=["WebCrypto", "own arithmetic"])
def page(browser, handed_over, request):
    """A blank page of an offline browser, with Ed25519 in its WebCrypto or without."""
    context = browser.new_context(offline=True)
    found = context.new_page()
    found.calls = []
    found.on("request", lambda call: found.calls.append(call.url))
    if request.param != "WebCrypto":
        found.add_init_script(OLD_BROWSER)
    yield found
    context.close()


def told(page, folder, expected=""):
    """What the page says of a folder, opened from that very folder."""
    page.goto((folder / "verify.html").as_uri())
    page.fill("#expected", expected)
    page.set_input_files("#folder", folder)
    page.wait_for_selector("#verdict.good, #verdict.bad")
    assert {call.partition(":")[0] for call in page.calls} <= {"file", "blob"}
    return page.inner_text("#verdict")


@pytest.mark.browser
def test_a_package_as_it_was_sent_is_found_so_and_names_who_approved(page, handed_over):
    package = handed_over()
    assert told(page, package.folder).startswith("全部相符：5个文件与签发时一致，签名有效。")
    facts = page.inner_text("#facts")
    assert APPROVER in facts
    assert package.receipt in facts
    assert read_manifest(package.folder).content["signature"]["key_id"] in facts


def flip(folder):
    path = folder / "report.docx"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


def forge_sm3(folder):
    """Another SM3 in a manifest that is signed anew by the same key: only SM3 tells."""
    content = read_manifest(folder).content
    data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    data["files"]["report.docx"]["sm3"] = "0" * 64
    sign(folder, data, signing_key())
    assert content


def sign(folder, data, key):
    import base64

    text = (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    (folder / MANIFEST).write_bytes(text)
    (folder / SIGNATURE).write_bytes(base64.b64encode(key.sign(text)) + b"\n")


def change_the_manifest(folder):
    text = (folder / MANIFEST).read_text(encoding="utf-8")
    (folder / MANIFEST).write_text(text.replace(APPROVER, "虚构外人"), encoding="utf-8")


def change_the_signature(folder):
    import base64

    raw = bytearray(base64.b64decode((folder / SIGNATURE).read_bytes()))
    raw[40] ^= 1
    (folder / SIGNATURE).write_bytes(base64.b64encode(raw))


def tear_the_manifest(folder):
    (folder / MANIFEST).write_text("{")


CASES = {
    "a byte": (flip, "report.docx：被改动", "tampered: report.docx"),
    "SM3 alone": (forge_sm3, "report.docx：被改动", "tampered: report.docx"),
    "a file less": (lambda folder: (folder / LETTER).unlink(), f"{LETTER}：缺少", f"missing: {LETTER}"),
    "a file more": (lambda folder: (folder / "又.txt").write_text("x"), "又.txt：多出", "extra: 又.txt"),
    "in a folder": (lambda folder: (folder / "forms" / "a1.csv").write_text("x"), "forms/a1.csv：被改动", "tampered: forms/a1.csv"),
    "the manifest": (change_the_manifest, "签名不符", "signature does not match"),
    "the signature": (change_the_signature, "签名不符", "signature does not match"),
    "half a manifest": (tear_the_manifest, "签名不符", "cannot be read"),
}  # fmt: skip


ARITHMETIC = ("the manifest", "the signature")
"""What only the arithmetic of the signature tells; the other changes are found by hashes, with either."""
TRIED = [("WebCrypto", case) for case in CASES] + [
    ("own arithmetic", case)
    if case in ARITHMETIC
    else pytest.param("own arithmetic", case, marks=pytest.mark.nightly)
    for case in CASES
]


@pytest.mark.browser
@pytest.mark.parametrize(("page", "case"), TRIED, indirect=["page"])
def test_whatever_was_changed_is_named_by_the_page_and_by_the_command(page, handed_over, case):
    change, zh, english = CASES[case]
    folder = handed_over().folder
    change(folder)
    verdict = told(page, folder)
    assert verdict.startswith("不相符")
    assert zh in verdict
    try:
        faults = verify(folder)
    except Exception as error:
        faults = [str(error)]
    assert english in "\n".join(faults)


@pytest.mark.browser
def test_a_package_signed_by_another_key_passes_only_where_nobody_named_the_key(page, handed_over):
    folder = handed_over().folder
    known = read_manifest(folder).content["signature"]["key_id"]
    write_manifest(folder, read_manifest(folder).content, Ed25519PrivateKey.generate())
    assert told(page, folder).startswith("全部相符")
    assert "密钥标识不是告知的那一个" in told(page, folder, known)


@pytest.mark.browser
@pytest.mark.parametrize("page", ["WebCrypto"], indirect=True)
def test_sm3_of_the_page_is_the_standard_s(page, handed_over):
    page.goto((handed_over().folder / "verify.html").as_uri())
    of = "text => sm3(new TextEncoder().encode(text))"
    assert (
        page.evaluate(of, "abc")
        == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    twice = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    assert page.evaluate(of, "abcd" * 16) == twice


def test_the_first_time_nothing_is_compared(handed_over, home):
    package = handed_over()
    assert "首次报送" in (package.folder / LETTER).read_text(encoding="utf-8")
    assert not (package.folder / CHANGES).exists()


LATER = (
    FIGURES.replace("2024-02     | 512", "2024-02     | 509")
    + f"dibao_urban_persons | {AREA} | 2024-04 | 515"
)


def test_what_changed_since_the_last_time_is_told_cell_by_cell_in_letter_and_sheet(
    handed_over, home
):
    handed_over()
    (home.path / "report").mkdir()
    (home.path / "report" / "2024-04.toml").write_text(
        'changes = "2月哈尔盖镇更正了重复登记。"', encoding="utf-8"
    )
    package = handed_over("2024-04", drawing=LATER)
    letter = (package.folder / LETTER).read_text(encoding="utf-8")
    assert "与上次报送（2024年3月第1版）相比，此前各月数据有1项变化：" in letter
    assert f"城市低保人数（{AREA_NAME}，2024年2月）：512→509" in letter
    assert "2月哈尔盖镇更正了重复登记。" in letter
    sheet = openpyxl.load_workbook(package.folder / CHANGES).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert rows[0] == ["指标", "地区", "月份", "分组", "上次报送", "本次报送", "原因"]
    assert [row[:6] for row in rows[1:]] == [
        ["城市低保人数", AREA_NAME, "2024-02", "合计", "512", "509"]
    ]
    assert "2月哈尔盖镇更正了重复登记。" in sheet["A2"].value


def test_a_month_without_changes_says_so(handed_over):
    handed_over()
    assert "没有变化" in (handed_over("2024-04").folder / LETTER).read_text(encoding="utf-8")


def test_what_was_never_received_is_no_ground_for_a_comparison(handed_over, home, draft):
    first = handed_over()
    draft("2024-04", drawing=LATER)
    submit(home, "2024-04", AUTHOR)
    (submitted,) = current(home, "2024-04")
    draft("2024-05", drawing=LATER)
    submit(home, "2024-05", AUTHOR)
    (package,) = current(home, "2024-05")
    assert last_sent(package) == first.folder
    assert submitted.folder.is_dir()
