"""Nothing that arrives breaks the intake: cells of any content, files with bytes flipped and cut, always a whole account."""

import contextlib
import os
import random
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.intake.gate import open_file
from minzheng.intake.read import read_file
from minzheng.intake.settings import Refused, reasons
from tests.intake.cases import CASES
from tests.intake.roster import HEADERS, csv_bytes, people, table, xlsx_bytes

SHORT = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
characters = st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\r\n")
cells = st.one_of(
    st.text(characters, max_size=24),
    st.sampled_from(["-", "…", "0", "1e5", "2024-03", "合计", "填报人：", "NaN", "inf", "=1"]),
)


def keeps_account(reading, rows: int | None = None) -> None:
    """Every code is listed; a refused file has no rows; else rows in = accepted + quarantined, and the sums agree."""
    assert {code.partition(":")[0] for code in [*reading.refused, *reading.reasons, *reading.flags]} <= set(reasons())
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
@given(st.lists(st.tuples(st.integers(0, 11), st.sampled_from(HEADERS), cells), max_size=12), st.booleans())
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
    """A file with some bytes flipped, cut out, repeated or its end lost."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        if not data:
            break
        place, kind = chance.randrange(len(data)), chance.randrange(4)
        if kind == 0:
            data[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del data[place : place + chance.randint(1, 64)]
        elif kind == 2:
            data[place:place] = data[place : place + chance.randint(1, 64)]
        else:
            del data[chance.randrange(len(data) // 2, len(data) + 1) :]
    return bytes(data)


SEEDS = ["A01", "A04", "A07", "A38", "A41", "A43", "A46", "A80", "A89"]


def read_mutations(count: int, sandbox, seed: int) -> None:
    """Mutate and read; a crash of the child would show as `crash_in_parser`."""
    chance = random.Random(seed)
    for _ in range(count):
        name = chance.choice(SEEDS)
        content = mutated(CASES[name][1](), chance)
        for reading in sandbox.read(CASES[name][0], content, None):
            assert reading.refused != ["crash_in_parser"], (name, seed)
            keeps_account(reading)


def test_damaged_files_are_read_or_refused_and_never_crash_the_child(children):
    read_mutations(150, children, 11)


@pytest.mark.nightly
def test_ten_thousand_damaged_files(children):
    read_mutations(10_000, children, int(os.environ.get("MINZHENG_FUZZ_SEED", "1")))


@SHORT
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"%PDF"]),
)
def test_any_bytes_pass_the_gate_or_are_refused(content, head):
    with contextlib.suppress(Refused):
        assert open_file("x", head + content)
    for reading in read_file("x", head + content, None):
        keeps_account(reading)
