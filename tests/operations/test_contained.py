"""Workbooks that are handed over to other commands than the intake are read in a child, under the intake's limits."""

import io
import os
import signal
import zipfile

import openpyxl
import pytest

from minzheng.errors import MinzhengError
from minzheng.intake.contained import contained, handed_over
from minzheng.intake.settings import settings
from minzheng.leads.filled import read_filled
from tests.intake.cases import CASES
from tests.intake.roster import xlsx_bytes


def test_what_a_child_does_comes_back_and_so_does_its_refusal():
    assert contained("a.xlsx", lambda: b"\x00done") == b"\x00done"

    def refuse():
        raise MinzhengError("no", "不")

    with pytest.raises(MinzhengError, match="no") as caught:
        contained("a.xlsx", refuse)
    assert caught.value.zh == "不"


def too_much_memory() -> bytes:
    return b"x" * (3 * settings().sandbox.memory_bytes)


def a_file() -> bytes:
    with open("/tmp/minzheng-test-grows", "wb") as file:  # noqa: PTH123, S108
        file.write(b"x" * 100_000)
    return b"written"


CRASHES = {
    "abort": os.abort,
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "memory": too_much_memory,
    "a defect": lambda: 1 / 0,
    "writing": a_file,
}


@pytest.mark.parametrize("work", CRASHES.values(), ids=CRASHES.keys())
def test_what_breaks_the_child_is_one_line_about_the_file(work):
    with pytest.raises(MinzhengError, match=r"a\\u001b.xlsx: reading it broke the limits"):
        contained("a\x1b.xlsx", work)


def far_cell() -> bytes:
    book = openpyxl.Workbook()
    for title in ("线索核查", "名单未齐暂缓核查"):
        sheet = book.create_sheet(title)
        sheet["A1"] = "x"
        sheet["XFD1048576"] = "x"
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def test_a_leads_workbook_with_a_cell_at_the_far_end_costs_its_command_only():
    with pytest.raises(MinzhengError, match="broke the limits|not a leads workbook"):
        read_filled(far_cell(), "a.xlsx", None)


def bomb() -> bytes:
    sink = io.BytesIO(xlsx_bytes([["x"]]))
    with zipfile.ZipFile(sink, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet9.xml", b" " * 600_000_000)
    return sink.getvalue()


@pytest.mark.parametrize("content", [bomb, CASES["A79"][1], CASES["A71"][1], lambda: b"x"])
def test_what_the_gate_of_the_intake_would_not_open_is_not_opened_here(tmp_path, content):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content())
    with pytest.raises(MinzhengError, match="a.xlsx"):
        handed_over(path)


def test_a_device_or_a_pipe_is_no_workbook(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", tmp_path / "pipe"):
        with pytest.raises(MinzhengError, match="no ordinary file"):
            handed_over(type(tmp_path)(path))
