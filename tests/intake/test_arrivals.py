"""What an outsider may drop into the landing folder: every kind of thing gets a verdict, none stops the others."""

import io
import json
import os
import socket
import zipfile

import pytest

from minzheng.custody.ledger import Ledger
from minzheng.custody.vault import archived_path
from minzheng.intake import landing, status_lines, take
from minzheng.intake.read import read_file
from minzheng.intake.report import problems
from minzheng.intake.returns import refusals
from minzheng.intake.settings import settings
from minzheng.warehouse.register import build_register
from tests.conftest import read_drawing
from tests.intake.cases import CASES
from tests.intake.roster import HEADERS, csv_bytes, csv_text, people, table, xlsx_bytes
from tests.intake.sheets import FORMS, as_file, lines_of, rows_of
from tests.intake.test_flow import corrected
from tests.place import AREA, AREA_NAME

CLEAN = CASES["A38"][1]


def open_document() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office/>")
    return sink.getvalue()


def wide() -> bytes:
    headers = HEADERS + [f"列{number}" for number in range(5000)]
    return csv_text(table(people(), headers)).encode()


@pytest.mark.parametrize(
    ("name", "content", "verdict", "reason"),
    [
        ("a.ods", open_document(), "reject_file", "format_unsupported"),
        (
            "a.html",
            "<html><table><tr><td>姓名</td></tr></table></html>".encode(),
            "reject_file",
            "format_html",
        ),
        (
            "a.json",
            json.dumps(people(), ensure_ascii=False).encode(),
            "reject_file",
            "format_unsupported",
        ),
        ("pdf.xlsx", b"%PDF-1.7 ...", "reject_file", "format_unsupported"),
        (
            "a.docx",
            CLEAN().replace(b"xl/workbook.xml", b"xl/docwords.xml"),
            "reject_file",
            "format_unsupported",
        ),
        ("a.tsv", csv_bytes(people()).replace(b",", b"\t"), "accept", None),
        ("A.XLSX", CLEAN(), "accept", None),
        (
            "thirty.xlsx",
            xlsx_bytes(
                {
                    f"表{n}": table(people()[:6] if n == 3 else people()[6:])
                    if n in (3, 9)
                    else [["目录"]]
                    for n in range(30)
                }
            ),
            "accept",
            None,
        ),
        ("wide.csv", wide(), "accept", None),
        ("a/" * 100 + "deep.csv", csv_bytes(people()), "accept", None),
        ("one line.csv", b"x" * 9_000_000, "reject_file", "header_unrecognised"),
        ("random.xlsx", bytes(range(1, 256)) * 40, "reject_file", "encoding_invalid"),
    ],
    ids=lambda value: value[-12:] if isinstance(value, str) else "",
)
def test_a_kind_of_file_that_no_list_describes_has_a_clear_verdict(
    county, name, content, verdict, reason
):
    found = county.sends(name, content)
    assert (found.verdict, (found.reasons or [None])[0]) == (verdict, reason)
    if verdict == "accept":
        assert found.rows_accepted == 12


def test_pipes_sockets_and_links_are_told_and_never_opened(county):
    os.mkfifo(county.home.landing / "pipe.csv")
    (county.home.landing / "link.csv").symlink_to("/etc/passwd")
    (county.home.landing / "folder").symlink_to("/etc")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(county.home.landing / "s"))
        county.arrives("a.csv", csv_bytes(people()))
        verdicts = {file.name: (file.verdict, file.reasons) for file in county.take_in().files}
    refused = ("reject_file", ["file_type"])
    assert verdicts == {
        "pipe.csv": refused,
        "link.csv": refused,
        "folder": refused,
        "s": refused,
        "a.csv": ("accept", []),
    }


def test_a_name_in_the_bytes_of_an_old_system_is_read_as_gb18030(county):
    path = os.fsencode(county.home.landing) + b"/" + "低保".encode("gbk") + b".csv"
    with open(path, "wb") as file:  # noqa: PTH123  a name that is no text
        file.write(csv_bytes(people()))
    (file,) = county.take_in().files
    assert (file.name, file.verdict, file.flags) == (
        "低保.csv",
        "accept",
        ["filename_recoded", "late"],
    )


def test_what_may_not_be_read_is_refused_and_taken_once_it_may(county, monkeypatch):
    county.arrives("a.csv", csv_bytes(people()))

    def forbidden(arrival):
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(take, "read_stable", forbidden)
        assert [file.reasons for file in county.take_in().files] == [["file_unreadable"]]
        assert county.take_in().files == []
    assert [file.verdict for file in county.take_in().files] == ["accept"]


def test_a_file_that_is_still_growing_is_left_for_the_next_intake(county, monkeypatch):
    path = county.arrives("a.csv", csv_bytes(people()))
    found = landing.arrivals(county.home.landing)
    with path.open("ab") as file:
        file.write(b"x")
    with county.intake() as intake:
        report = intake.run(found)
    assert (report.files, report.unstable) == ([], ["a.csv"])


def test_a_machine_that_stops_between_receipt_and_vault_loses_nothing(county, monkeypatch):
    path = county.arrives("a.csv", csv_bytes(people()))
    county.arrives("b.csv", csv_bytes(people()[:2], title=f"{AREA_NAME}2024年2月农村低保花名册"))
    with monkeypatch.context() as patch:
        patch.setattr(take.vault, "archive", lambda *_: (_ for _ in ()).throw(OSError(5, "io")))
        with pytest.raises(OSError, match="io"):
            county.take_in()
    (county.home.landing / "b.csv").unlink()
    county.take_in()
    told = {file["name"]: (file["verdict"], file["reasons"]) for file in county.status()["files"]}
    assert told == {"a.csv": ("accept", []), "b.csv": ("reject_file", ["file_lost"])}
    with Ledger(county.home) as ledger:
        assert archived_path(county.home, next(iter(ledger.received().values())).sha256).is_file()
    assert path.is_file()


def test_a_file_told_as_lost_is_taken_in_under_its_number_when_it_is_there_again(
    county, monkeypatch
):
    path = county.arrives("a.csv", csv_bytes(people()))
    with monkeypatch.context() as patch:
        patch.setattr(take.vault, "archive", lambda *_: (_ for _ in ()).throw(OSError(5, "io")))
        with pytest.raises(OSError, match="io"):
            county.take_in()
    away = path.rename(county.home.path / "away")
    county.arrives("b.csv", csv_bytes(people()[:2], title=f"{AREA_NAME}2024年2月农村低保花名册"))
    assert [file.reasons for file in county.take_in().files if file.intake_no == 1] == [
        ["file_lost"]
    ]
    assert county.take_in().files == []
    away.rename(path)
    assert [(file.intake_no, file.verdict) for file in county.take_in().files] == [(1, "accept")]
    assert county.take_in().files == []
    assert county.ask("select count(*), count(distinct intake_no) from raw.dibao_roll") == [(12, 1)]


def test_a_lost_file_that_came_back_with_other_bytes_is_a_new_file(county, monkeypatch):
    path = county.arrives("a.csv", csv_bytes(people()))
    with monkeypatch.context() as patch:
        patch.setattr(take.vault, "archive", lambda *_: (_ for _ in ()).throw(OSError(5, "io")))
        with pytest.raises(OSError, match="io"):
            county.take_in()
    facts = path.stat()
    path.write_bytes(csv_bytes(people()).replace("虚构".encode(), "示例".encode()))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    told = {file.intake_no: (file.verdict, file.reasons) for file in county.take_in().files}
    assert told == {1: ("reject_file", ["file_lost"]), 2: ("accept", [])}


def test_a_large_text_goes_through_vault_and_child_in_blocks(county, monkeypatch):
    monkeypatch.setitem(settings().limits.__dict__, "small_bytes", 500)
    assert county.sends("a.csv", csv_bytes(people())).rows_accepted == 12
    with Ledger(county.home) as ledger:
        sha256 = ledger.received()[1].sha256
    assert b"IN BLOCKS" in archived_path(county.home, sha256).read_bytes()[:32]
    assert county.sends("b.csv", csv_bytes(people())).verdict == "duplicate"


def region(*codes: str) -> bytes:
    lines = [
        [f"{AREA_NAME}2024年3月行政区划"],
        ["区划代码", "名称", "级别", "上级代码", "城乡属性", "生效日期"],
    ]
    lines += [[code, "新设牧委会", "村社", code[:9], "村委会", "2024-01-01"] for code in codes]
    return csv_text(lines).encode()


@pytest.mark.parametrize("order", [("r", "d"), ("d", "r"), ("together",)])
def test_a_new_village_code_counts_in_any_order_of_arrival(county, order):
    rows = people()
    rows[0] |= {"行政区划代码": f"{AREA}100299", "村(社区)": "新设牧委会"}
    sent = {"r": ("region.csv", region(f"{AREA}100299")), "d": ("低保.csv", csv_bytes(rows))}
    if order == ("together",):
        county.arrives(*sent["d"])
        county.arrives(*sent["r"])
        county.take_in()
    for key in [key for key in order if key in sent]:
        county.sends(*sent[key])
    build_register(county.warehouse, ["2024-03"])
    assert county.ask("select count(*), count(distinct person_key) from register.dibao_roll") == [
        (12, 12)
    ]
    county.sends("region2.csv", region(f"{AREA}100298"))
    build_register(county.warehouse, ["2024-03"])
    assert county.ask("select count(*) from register.dibao_roll") == [(11,)]


def test_a_correction_says_how_many_rows_it_adds_removes_and_changes(county):
    county.sends("a.xlsx", CLEAN())
    file = county.sends("b.xlsx", corrected())
    (told,) = [file for file in county.status()["files"] if file["verdict"] == "supersede"]
    assert (file.verdict, [flag for flag in told["flags"] if flag.startswith("diff")]) == (
        "supersede",
        ["diff:+1 -1 ~1"],
    )


def test_control_totals_that_agree_and_that_do_not_are_told_and_never_used(county):
    lines, place = table(people()), HEADERS.index("月保障金额")
    for word, amount, flag in (
        ("合计", "9323.75", "control_total"),
        ("合计", "9323.70", "control_total_differs"),
    ):
        total = [""] * len(HEADERS)
        total[2], total[place] = word, amount
        file = county.sends(f"{amount}.csv", csv_text([*lines[:-1], total, lines[-1]]).encode())
        assert (flag in file.flags, file.rows_accepted) == (True, 12)
    assert (
        county.ask("select sum(monthly_amount) from raw.dibao_roll where intake_no = 1")[0][0] * 100
        == 932375
    )


def test_a_refused_file_is_on_the_return_list_until_a_good_one_comes(county):
    county.sends("2024-03/泉吉乡低保.xlsx", CASES["A50"][1]())
    (item,) = refusals(county.warehouse, "2024-03")
    assert (item["township"], item["rule"], item["row"]) == (f"{AREA}201", "column_missing", None)
    assert refusals(county.warehouse, "2024-02") == []
    own = [row for row in people() if row["乡镇"] == "泉吉乡"]
    county.sends("2024-03/泉吉乡低保.xlsx", xlsx_bytes(table(own)))
    assert refusals(county.warehouse, "2024-03") == []


def test_a_held_file_of_a_township_that_no_list_of_ours_has_is_on_the_return_list(county):
    county.warehouse.execute(
        "insert into raw.file (intake_no, name, dataset, month, township_codes, verdict, reasons, received_at)"
        f" values (1, 'a.csv', 'dibao_roll', '2024-03', '{AREA}900', 'hold', 'area_mismatch', '2024-04-01')"
    )
    assert [item["township"] for item in refusals(county.warehouse, "2024-03")] == [f"{AREA}900"]


MEANT = """
    dataset        | column   | found     | told
    dibao_roll     | 身份证号     | 证件编号      | 身份证号（证件编号 → 身份证号？）
    dibao_roll     | 月保障金额    | 保障金(月)    | 月保障金额（保障金(月) → 月保障金额？）
    payment_ledger | 实发金额     | 实际发金额     | 实发金额（实际发金额 → 实发金额？）
    care_facility  | 床位数      | 床位,总     | 床位数（床位，总 → 床位数？）
    temp_aid       | 救助金额     | 天气        | 救助金额
"""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "column", "found", "told"), read_drawing(MEANT)[1])
def test_a_refusal_names_the_dataset_and_for_a_missing_column_the_header_that_may_be_meant(
    form, name, column, found, told
):
    lines = [
        [found if cell == column else cell for cell in line]
        for line in lines_of(name, rows_of(name, 2))
    ]
    (reading,) = read_file(f"a.{form}", as_file(form, lines), "2024-03")
    unknown = found.replace(",", "，")
    assert (reading.dataset, reading.refused) == (
        name,
        [f"column_missing:{told}", f"header_unrecognised:{unknown}"],
    )


def test_intake_status_and_return_list_tell_what_a_refused_file_was_taken_for(county):
    told = "缺少必填的列：身份证号（证件编号 → 身份证号？）"
    lines = [
        ["证件编号" if cell == "身份证号" else cell for cell in line] for line in table(people())
    ]
    county.arrives("2024-03/泉吉乡低保.csv", csv_text(lines).encode())
    report = county.take_in()
    (file,) = report.files
    kind = "（按“城乡低保花名册”识别）"
    ((_, chinese),) = problems(report)
    (item, other) = refusals(county.warehouse, "2024-03")
    assert file.dataset == "dibao_roll"
    for line in (chinese, status_lines.lines(county.status())[1]):
        assert told in line
        assert line.count(kind) == 1
    assert item["sentence"] == told + kind
    assert "证件编号" in other["sentence"]


def test_the_cut_off_day_of_a_parameter_file_decides_what_is_late(county):
    county.arrives("a.csv", csv_bytes(people()), 1_713_000_000)  # 13 April
    headers = ["参数代码", "档次", "数值", "单位", "生效日期", "失效日期", "决定日期", "文号"]
    assert county.take_in().files[0].flags == []
    lines = [
        [f"{AREA_NAME}2024年3月政策参数"],
        headers,
        ["report_cutoff_day", "", "10", "日", "2024-01-01", "", "2023-12-20", "示例1号"],
    ]
    assert county.sends("2024-03/p.csv", csv_text(lines).encode()).verdict == "accept"
    told = {file["name"]: file["flags"] for file in county.status()["files"]}
    assert told["a.csv"] == ["late"]
