"""A file read in blocks of a few rows, packed and sliced, is the same file: nothing depends on where a block ends."""

import pytest

from minzheng.custody.keys import Keys
from minzheng.errors import MinzhengError
from minzheng.intake import shared_strings
from minzheng.intake.delimited import read_text
from minzheng.intake.landing import Changed, blocks_with
from minzheng.intake.packed import Packed, blocks_of
from minzheng.intake.read import read_file
from minzheng.intake.settings import Refused, settings
from minzheng.intake.workbook import sheets_of_xlsx
from tests.intake.cases import CASES
from tests.intake.roster import HEADERS, csv_bytes, people, table, xlsx_bytes
from tests.intake.test_matrix import ROWS, outcome
from tests.place import AREA


@pytest.fixture
def blocks_of_three_rows(monkeypatch):
    for name, value in {"block_rows": 3, "sheet_bytes": 1, "slice_bytes": 3000}.items():
        monkeypatch.setitem(settings().limits.__dict__, name, value)
    monkeypatch.setattr("minzheng.intake.gate.BLOCK", 1000)
    monkeypatch.setattr("minzheng.intake.typed.FEW", 1)


@pytest.mark.parametrize(
    "expected",
    [row for row in ROWS if row["case"] not in ("A83", "A84", "A91", "U25", "U27")],
    ids=lambda row: row["case"],
)
def test_each_kind_of_bad_input_has_the_same_outcome_read_in_blocks(
    expected, blocks_of_three_rows, request
):
    name, make = CASES[expected["case"]]
    content = make()
    text = name.endswith(".csv") and not content.startswith((b"PK", b"%PDF")) and len(content) > 0
    (reading,) = read_file(name, Packed(blocks_of(content)) if text else content, None)
    wanted = {key: value or "" for key, value in expected.items() if key != "case"}
    wanted |= {key: " ".join(sorted(wanted[key].split())) for key in ("reasons", "flags")}
    assert outcome(reading) == wanted


@pytest.mark.parametrize(
    "name", ["A01", "A31", "A35", "A37", "A38", "A40", "A41", "A46", "A61", "A97", "U04", "U04b"]
)
def test_values_and_content_do_not_depend_on_blocks(name, monkeypatch):
    file, make = CASES[name]
    (whole,) = read_file(file, make(), None)
    for key, value in {"block_rows": 2, "sheet_bytes": 1, "slice_bytes": 2000}.items():
        monkeypatch.setitem(settings().limits.__dict__, key, value)
    monkeypatch.setattr("minzheng.intake.gate.BLOCK", 1000)
    monkeypatch.setattr("minzheng.intake.typed.FEW", 1)
    (parts,) = read_file(file, make(), None)
    assert parts.content == whole.content
    assert parts.facts() == whole.facts()
    assert parts.rows.sort("sheet", "row_no").equals(whole.rows.sort("sheet", "row_no"))
    assert parts.quarantine.sort("sheet", "row_no", "rule_id").equals(
        whole.quarantine.sort("sheet", "row_no", "rule_id")
    )


def test_a_fault_in_the_last_slice_of_a_large_sheet_stands_in_the_row_that_a_clerk_finds(
    blocks_of_three_rows,
):
    rows = people(60)
    rows[-1]["身份证号"] = rows[-1]["身份证号"][:-2]
    (reading,) = read_file("a.xlsx", xlsx_bytes(table(rows)), None)
    assert reading.quarantine.select("row_no", "column_name", "rule_id").rows() == [
        (62, "person_id_no", "id_length")
    ]
    assert reading.rows["row_no"].to_list() == list(range(3, 62))


@pytest.mark.parametrize("count", [60, 240])
def test_a_large_sheet_is_laid_out_once_however_many_slices_it_has(blocks_of_three_rows, count):
    """Rows laid out are the work of reading: a slice counted from the sheet's first row would lay out all above it again."""
    (sheet,) = sheets_of_xlsx(xlsx_bytes(table(people(count))))
    slices = list(sheet)
    assert len(slices) > count // 6
    assert sum(len(grid.rows) for grid in slices) == count + 3


def test_a_copy_far_below_its_original_is_found(blocks_of_three_rows):
    rows = people()
    (reading,) = read_file("a.csv", csv_bytes([*rows, rows[0]]), None)
    assert (reading.accepted, reading.quarantined, reading.reasons) == (12, 1, ["duplicate_row"])
    assert reading.quarantine["row_no"].to_list() == [15]


def test_a_month_that_only_a_late_block_tells_is_the_files(blocks_of_three_rows):
    rows = [row | {"统计月份": ""} for row in people()]
    rows[-1]["统计月份"] = "2024-03"
    (reading,) = read_file("a.csv", csv_bytes(rows, title="花名册"), None)
    assert (reading.month, reading.accepted, reading.quarantined) == ("2024-03", 1, 11)


def test_a_packed_file_gives_its_bytes_again_and_again_and_refuses_what_does_not_shrink(
    monkeypatch,
):
    content = csv_bytes(people())
    packed = Packed(blocks_of(content))
    assert [b"".join(packed.blocks()) for _ in range(2)] == [content, content]
    monkeypatch.setitem(settings().limits.__dict__, "packed_bytes", 100)
    with pytest.raises(Refused, match="file_too_large"):
        Packed(blocks_of(content))


def test_a_character_cut_by_a_block_is_whole(monkeypatch):
    monkeypatch.setattr("minzheng.intake.packed.BLOCK", 7)
    for encoding in ("utf-8", "gb18030", "utf-16"):
        rows = [row for grid in read_text(csv_bytes(people(), encoding)) for row in grid.rows]
        assert rows[1] == HEADERS
        assert len(rows) == 15


def test_merged_cells_reach_over_slices(blocks_of_three_rows):
    place = HEADERS.index("乡镇") + 1
    rows = [
        row | {"行政区划代码": f"{AREA}100204", "乡镇": "沙柳河镇", "村(社区)": "新海村委会"}
        for row in people()
    ]
    lines = table(rows)
    for line in lines[3:-1]:
        line[place - 1] = ""
    content = xlsx_bytes(
        lines,
        lambda book: book.active.merge_cells(
            start_row=3, end_row=14, start_column=place, end_column=place
        ),
    )
    (reading,) = read_file("a.xlsx", content, None)
    assert (reading.accepted, reading.flags) == (12, ["merged_cells"])


class TestSealing:
    def sealed(self, tmp_path, blocks):
        keys = Keys.create(tmp_path / "key.json")
        path = tmp_path / "sealed"
        path.write_bytes(b"".join(keys.seal_blocks(blocks, "a")))
        return keys, path

    @pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
    def test_what_was_sealed_in_blocks_comes_back(self, tmp_path, size):
        content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        keys, path = self.sealed(tmp_path, [content[:1000], content[1000:]])
        with path.open("rb") as file:
            assert b"".join(keys.unseal_blocks(file, "a")) == content
        assert keys.unseal(path.read_bytes(), "a") == content

    @pytest.mark.parametrize("change", ["flip", "cut", "swap", "name", "append"])
    def test_no_block_can_be_changed_left_out_moved_or_added(self, tmp_path, change):
        keys, path = self.sealed(tmp_path, [b"a" * (1 << 20), b"b" * (1 << 20), b"c"])
        sealed, size = bytearray(path.read_bytes()), (1 << 20) + 16
        start = len(sealed) - 2 * size - 17
        one, two = sealed[start : start + size], sealed[start + size : start + 2 * size]
        if change == "flip":
            sealed[start + 5] ^= 1
        elif change == "cut":
            del sealed[-17:]
        elif change == "swap":
            sealed[start : start + 2 * size] = two + one
        elif change == "append":
            sealed += sealed[-17:]
        with pytest.raises(MinzhengError, match="cannot decrypt"):
            keys.unseal(bytes(sealed), "b" if change == "name" else "a")


def test_a_file_that_changes_between_receipt_and_archive_is_noticed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"x")
    with pytest.raises(Changed):
        list(blocks_with(path, "0" * 64))


@pytest.mark.parametrize(
    ("rows", "fitted", "strings"),
    [
        (b"<c t='s'><v>2</v></c><c><v>0</v></c>", b"<c t='s'><v>0</v></c><c><v>0</v></c>", "b"),
        (b'<x:c r="A1" t="s"><x:v>2</x:v></x:c><c t="s"><v>0</v></c>', None, "ba"),
        (b'<c t="s"/><c t="s"><v> 1 </v></c>', b'<c t="s"/><c t="s"><v>0</v></c>', ""),
        (
            b'<c t="s"><v>&#49;</v></c><c t="s"><v>2</v></c>',
            b'<c t="s"><v>&#49;</v></c><c t="s"><v>2</v></c>',
            "ab",
        ),
        (b'<c t="&#115;"><v>1</v></c>', b'<c t="&#115;"><v>1</v></c>', "ab"),
        (b'<c t="s"><v>7</v></c>', b'<c t="s"><v>7</v></c>', "ab"),
    ],
)
def test_a_slice_gets_the_strings_it_points_at_and_all_where_that_is_in_doubt(
    monkeypatch, rows, fitted, strings
):
    """The table is a, blank, b; two strings are kept together, and the second block begins amid it."""
    monkeypatch.setattr(shared_strings, "TOGETHER", 2)
    table_ = shared_strings.SharedStrings(
        iter([b"<sst><si><t>a</t></si><si/><si><t", b">b</t></si></sst>"])
    )
    changed, part = table_.fitted(rows)
    assert "".join(letter for letter in part.decode() if letter in "ab") == strings
    if fitted is not None:
        assert changed == fitted
    elif strings == "ba":
        assert [found[2] for found in shared_strings._REFERENCE.finditer(changed)] == [b"0", b"1"]
