"""Nothing that holds an identity leaves, whatever it is wrapped in."""

import base64
import gzip
import io
import json
import zipfile
import zlib

import duckdb
import openpyxl
import polars as pl
import pytest

from minzheng.custody.egress import refuse_identities, scan, scan_folder
from minzheng.errors import MinzhengError
from tests.intake.roster import id_number
from tests.place import AREA

ID = "11010519491231002X"  # the worked example of GB 11643, nobody's number
DIGITS = int(
    next(one for number in range(900, 999) if (one := id_number("19560304", number)).isdigit())
)
NAME = "虚构卓玛"


def kinds(content: bytes, names=frozenset({NAME})) -> set[str]:
    return {hit.kind for hit in scan(content, "file", names)}


@pytest.mark.parametrize(
    "content",
    [
        ID.encode(),
        f"编号{ID},".encode("gb18030"),
        f"编号{ID},".encode("utf-16"),
        f'="{ID}"'.encode(),
        json.dumps({"a": "\n".join(f"\\u{ord(c):04x}" for c in ID)})
        .replace("\\\\u", "\\u")
        .replace("\\n", "")
        .encode(),
        "".join(f"&#{ord(c)};" for c in ID).encode(),
        base64.b64encode(f"a note that says {ID} in the middle".encode()),
        b"a/" + base64.b64encode(f"glued to what stands before: {ID}".encode()),
        base64.encodebytes(b"." * 50 + f"wrapped as in a mail, {ID} across the lines".encode()),
        base64.urlsafe_b64encode("?>".join(["", ID, "a note"]).encode() * 3),
        "".join(f"%{ord(c):02X}" for c in ID).encode(),
        "".join(f"={ord(c):02X}" for c in ID).encode(),
        "".join(chr(ord(c) + 0xFEE0) for c in ID).encode(),
        f"{ID[:6]} {ID[6:14]} {ID[14:]}".encode(),
        f"{ID[:6]}-{ID[6:14]}-{ID[14:]}".encode(),
        gzip.compress(ID.encode()),
        b"%PDF-1.7\nstream\n" + zlib.compress(f"/Title ({ID})".encode()) + b"\nendstream",
        b"\x89PNG\r\n\x1a\n\0\0\0\0zTXtComment\0\0" + zlib.compress(ID.encode()),
    ],
    ids=["plain", "gb18030", "utf-16", "excel", "json", "html", "base64", "base64 glued", "base64 in lines", "base64 of urls",
         "url", "quoted-printable", "full width", "blanks", "hyphens", "gzip", "pdf", "png"],
)  # fmt: skip
def test_an_id_number_is_found_in_every_dress(content):
    assert "id_number" in kinds(content)


def test_a_wrong_check_digit_is_no_id_number_and_long_decimals_are_none_either():
    assert kinds(b"110105194912310021") == set()
    assert kinds(b"0.110105194912310029") == set()
    assert kinds(b"a110105194912310029b5") == set()


def test_fifteen_digits_with_a_date_and_a_float_are_found():
    assert kinds(b"no. 110105491231002,") == {"id_number_15"}
    assert kinds(b"1.10105194912310e+17") == {"id_number_float"}


def test_a_bank_account_is_found_by_its_luhn_digit():
    assert kinds(b"6222020000000000008") in ({"bank_account"}, set())
    good = next(
        f"622202000000000000{d}" for d in range(10) if kinds(f"622202000000000000{d}".encode())
    )
    assert kinds(good.encode()) == {"bank_account"}


def test_codes_of_places_that_touch_in_a_database_file_are_no_account():
    assert kinds(f"\0\x06{AREA}{AREA}{AREA}\0".encode()) == set()
    assert kinds(f"\0\x066322{AREA}100204\0".encode()) == set()
    account = next(
        f"{AREA}{number:012}" for number in range(10, 99) if kinds(f"{AREA}{number:012}".encode())
    )
    assert kinds(account.encode()) == {"bank_account"}, "one code alone clears no number"


def test_a_bank_account_in_groups_of_four_is_found():
    good = next(n for d in range(10) if kinds((n := f"622202000000000000{d}").encode()))
    for mark in " -":
        grouped = mark.join(good[at : at + 4] for at in range(0, len(good), 4))
        assert kinds(f"卡号 {grouped}。".encode()) == {"bank_account"}
        assert kinds(grouped[:-1].encode() + b"%d" % ((int(good[-1]) + 1) % 10)) == set()


@pytest.mark.parametrize(
    "column",
    [[ID], [DIGITS], [float(DIGITS)], [[ID, "x"]], [{"a": ID}], [ID.encode()]],
    ids=["text", "whole", "float", "list", "struct", "bytes"],
)
def test_a_table_hides_no_number_in_any_type_of_column(column):
    file = io.BytesIO()
    pl.DataFrame({"x": column}).write_parquet(file)
    assert kinds(file.getvalue()) & {"id_number", "id_number_float"}


def test_a_name_of_the_rolls_is_found_inside_other_text():
    assert kinds(f"户主{NAME}等三人".encode()) == {"name"}
    assert kinds("户主三人".encode()) == set()


def test_a_name_is_found_in_every_dress():
    escaped = json.dumps({"note": NAME})
    for content in (
        escaped,
        "".join(f"%{byte:02x}" for byte in NAME.encode()),
        "".join(f"&#x{ord(c):x};" for c in NAME),
    ):
        assert kinds(content.encode()) == {"name"}
    assert kinds("".join(f"={byte:02X}" for byte in NAME.encode()).encode()) == {"name"}
    rare = "𠮷" + NAME
    assert kinds(json.dumps(rare).encode(), {rare}) == {"name"}


def test_workbooks_hold_nothing_in_hidden_sheets_or_properties(tmp_path):
    book = openpyxl.Workbook()
    book.create_sheet("s2").sheet_state = "veryHidden"
    book["s2"]["A1"] = ID
    book.properties.creator = NAME
    stream = io.BytesIO()
    book.save(stream)
    assert kinds(stream.getvalue()) == {"id_number", "name"}


def test_archives_in_archives_parquet_and_duckdb_are_opened(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", ID * 1)
    with zipfile.ZipFile(tmp_path / "outer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", inner.getvalue())
    pl.DataFrame({"x": [ID]}).write_parquet(tmp_path / "t.parquet")
    with duckdb.connect(str(tmp_path / "t.duckdb")) as connection:
        connection.execute("create table t as select $id as x", {"id": ID})
    assert {hit.where.split("!")[0] for hit in scan_folder(tmp_path)} == {
        "outer.zip",
        "t.parquet",
        "t.duckdb",
    }


def test_the_gate_names_the_file_and_never_the_value(tmp_path):
    (tmp_path / "ok.txt").write_text(f"{AREA}100 沙柳河镇 2024-03")
    refuse_identities(tmp_path, {NAME})
    (tmp_path / "bad.html").write_text(f"<p>{ID}")
    with pytest.raises(MinzhengError, match="bad.html") as error:
        refuse_identities(tmp_path, {NAME})
    assert ID not in str(error.value)
    assert ID not in error.value.zh
