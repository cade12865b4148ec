"""Nothing that arrives breaks the intake: cells of any content, files with bytes flipped and cut, always a whole account."""

import contextlib
import io
import os
import random
import time
import zipfile
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.intake.gate import open_file
from minzheng.intake.read import read_file
from minzheng.intake.sandbox import Child
from minzheng.intake.settings import Refused, reasons
from tests.intake.cases import CASES
from tests.intake.roster import HEADERS, csv_bytes, people, table, xlsx_bytes, zip_bytes

SHORT = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
characters = st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\r\n")
cells = st.one_of(
    st.text(characters, max_size=24),
    st.text(st.characters(categories=("Nd",)), min_size=1, max_size=18),
    st.sampled_from(["-", "…", "0", "1e5", "2024-03", "合计", "填报人：", "NaN", "inf", "=1"]),
)


def keeps_account(reading, rows: int | None = None) -> None:
    """Every code is listed; a refused file has no rows; else rows in = accepted + quarantined, and the sums agree."""
    assert {
        code.partition(":")[0] for code in [*reading.refused, *reading.reasons, *reading.flags]
    } <= set(reasons())
    if reading.refused:
        assert reading.rows is None
        return
    assert reading.rows.height == reading.accepted
    told = set(reading.quarantine.select("sheet", "row_no").iter_rows())
    kept = set(reading.rows.select("sheet", "row_no").iter_rows())
    assert not told & kept
    assert (len(told), len(kept)) == (reading.quarantined, reading.accepted)
    if rows is not None:
        assert reading.accepted + reading.quarantined + reading.not_data >= rows
    if reading.dataset == "dibao_roll":
        assert Decimal(reading.amount) == (reading.rows["monthly_amount"].sum() or 0)


@SHORT
@given(
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from(HEADERS), cells), max_size=12),
    st.booleans(),
)
def test_any_cells_leave_a_whole_account(edits, workbook):
    rows = people()
    for number, name, cell in edits:
        rows[number][name] = cell
    content = xlsx_bytes(table(rows)) if workbook else csv_bytes(rows)
    for reading in read_file("a.xlsx", content, None):
        keeps_account(reading)


@SHORT
@given(st.permutations(HEADERS))
def test_columns_in_any_order_read_the_same(headers):
    (base,) = read_file("a.csv", csv_bytes(people()), None)
    (other,) = read_file("a.csv", csv_bytes(people(), headers=headers), None)
    assert other.content == base.content


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A file with some bytes flipped, set to a character of markup, cut out, repeated or its end lost."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        if not data:
            break
        place, kind = chance.randrange(len(data)), chance.randrange(9)
        if kind < 3:
            data[place] ^= 1 << chance.randrange(8)
        elif kind < 5:
            data[place] = chance.choice(b"0189<>&\"'/,\n =-")
        elif kind < 6:
            del data[place : place + chance.randint(1, 64)]
        elif kind < 8:
            data[place:place] = data[place : place + chance.randint(1, 64)] * chance.choice(
                [1, 1, 50]
            )
        else:
            del data[chance.randrange(len(data) // 2, len(data) + 1) :]
    return bytes(data)


def mutated_inside(content: bytes, chance: random.Random) -> bytes:
    """A package whose lengths and checksums are right, with one part damaged: the damage reaches the parsers."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = {
                name: package.read(name) for name in package.namelist() if not name.endswith("/")
            }
    except (zipfile.BadZipFile, RuntimeError):
        return mutated(content, chance)
    if not parts:
        return mutated(content, chance)
    wanted = [
        name for name in parts if "xl/" in name and not name.endswith(("theme1.xml", "styles.xml"))
    ]
    name = chance.choice(wanted or list(parts))
    inner = mutated_inside if parts[name].startswith(b"PK") else mutated
    return zip_bytes(parts | {name: inner(parts[name], chance)})


def seeds() -> list[str]:
    """Every kind of file of the matrix that is small enough to be damaged a thousand times."""
    return [
        name for name, (_, make) in CASES.items() if name not in SLOW and 0 < len(make()) < 200_000
    ]


SLOW = {"A83", "A84", "A91", "B14", "U25", "U27"}
MIB = 2**20


class Watched:
    """A reading child whose death, time and memory are looked at after every file."""

    def __init__(self):
        self.child = Child()
        self.base = self.child.memory()

    def read(self, name: str, content: bytes, label: tuple) -> None:
        """Read one damaged file; the file's label is in every complaint."""
        start = time.monotonic()
        readings = self.child.read(name, content, None)
        assert time.monotonic() - start < 10, label
        assert self.child.memory() - self.base < 300 * MIB, label
        for reading in readings:
            assert not reading.crash, (reading.crash, label)
            keeps_account(reading)


def read_mutations(numbers: range, seed: int) -> None:
    """Damage and read one file per number; each can be made again from seed and number alone."""
    names, watched = seeds(), Watched()
    try:
        for number in numbers:
            chance = random.Random(seed * 1_000_003 + number)
            name = chance.choice(names)
            damage = chance.choice([mutated, mutated_inside, mutated_inside])
            watched.read(CASES[name][0], damage(CASES[name][1](), chance), (name, seed, number))
    finally:
        watched.child.close()


def test_damaged_files_are_read_or_refused_and_never_crash_the_child():
    read_mutations(range(150), 11)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_damaged_files(part):
    read_mutations(
        range(part * 1000, (part + 1) * 1000), int(os.environ.get("MINZHENG_FUZZ_SEED", "1"))
    )


@SHORT
@given(
    st.binary(max_size=400),
    st.sampled_from(
        [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"%PDF"]
    ),
)
def test_any_bytes_pass_the_gate_or_are_refused(content, head):
    with contextlib.suppress(Refused):
        assert open_file("x", head + content)
    for reading in read_file("x", head + content, None):
        keeps_account(reading)
