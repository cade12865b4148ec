"""What a waiting person is told: a bar on a terminal, lines elsewhere, nothing of what is short."""

import io
import threading

import pytest

from minzheng import waiting
from minzheng.waiting import Waiting, spoken_en, spoken_zh


class Paper(io.StringIO):
    def __init__(self):
        super().__init__()
        self.written = threading.Event()

    def write(self, text):
        super().write(text)
        self.written.set()


class Screen(Paper):
    def isatty(self):
        return True


def at(seconds, done, total=36):
    clock = iter([0.0, *[seconds] * 9])
    told = Waiting("接收文件", "taking in files", total, io.StringIO(), lambda: next(clock))
    with told:
        told.step(done)
        return told.lines(), told.bar()


def test_lines_say_in_both_languages_how_far_it_is_and_what_is_left():
    lines, bar = at(20.0, 12)
    assert lines.splitlines() == [
        "minzheng: taking in files 12/36, 20 s gone, about 38 s left",
        "民政:接收文件 12/36，已用20秒，还需约38秒",
    ]
    assert bar == "接收文件 ████████░░░░░░░░░░░░░░░░ 12/36 还需约38秒 about 38 s left"


def test_nothing_is_guessed_before_the_first_step():
    lines, _ = at(20.0, 0)
    assert lines.splitlines()[1] == "民政:接收文件 0/36，已用20秒"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"), [(7.4, "7秒", "7 s"), (125, "2分05秒", "2 min 05 s")]
)
def test_times_are_spoken(seconds, zh, en):
    assert (spoken_zh(seconds), spoken_en(seconds)) == (zh, en)


@pytest.mark.parametrize(("out", "told"), [(Screen, "接收文件 ░"), (Paper, "民政:接收文件 1/")])
def test_a_bar_is_for_a_terminal_and_lines_for_what_is_none(monkeypatch, out, told):
    for name in ("SOON", "REDRAWN", "LINES"):
        monkeypatch.setattr(waiting, name, 0.01)
    said = out()
    with Waiting("接收文件", "taking in files", 100, said) as one:
        one.step()
        assert said.written.wait(30)
    assert told in said.getvalue()
    assert said.getvalue().endswith("\r\033[K") == said.isatty()


def test_of_work_within_work_the_inner_alone_speaks(monkeypatch):
    monkeypatch.setattr(waiting, "LINES", 0.01)
    outer, inner = Paper(), Paper()
    with Waiting("外", "outer", 2, outer), Waiting("内", "inner", 2, inner):
        assert inner.written.wait(30)
        before = outer.getvalue()
        inner.written.clear()
        assert inner.written.wait(30)
        assert outer.getvalue() == before


def test_what_is_soon_over_is_not_told():
    said = Screen()
    with Waiting("接收文件", "taking in files", 1, said) as one:
        one.step()
    assert said.getvalue().strip("\r\033[K") == ""
