"""What the page of a run says is left of it."""

import time
from types import SimpleNamespace as Stat

import dagster as dg
import pytest

from pipelines.webserver.left import left_of, time_left

KEYS = ["register", "quality", "indicator"]
EXPECTED = {"register": 20.0, "quality": 60.0, "indicator": 30.0}


def at(*spans):
    return {
        key: Stat(step_key=key, start_time=begun, end_time=over)
        for key, (begun, over) in zip(KEYS, spans, strict=False)
    }


@pytest.mark.parametrize(
    ("stats", "now", "line"),
    [
        (at(), 100, "等候开始：已用0秒，还需约1分50秒"),
        (at((100, None)), 105, "第1步（共3步）一 重建台账：已用5秒，还需约1分45秒"),
        (at((100, None)), 90, "第1步（共3步）一 重建台账：已用0秒，还需约1分50秒"),
        (at((100, 130), (130, None)), 150, "第2步（共3步）二 核验：已用50秒，还需约1分10秒"),
        (at((100, 130), (130, None)), 900, "第2步（共3步）二 核验：已用13分20秒，还需约30秒"),
        (at((100, 130), (130, 200)), 200, "第3步（共3步）：已用1分40秒，还需约30秒"),
    ],
)
def test_what_is_left_is_what_the_open_steps_took_before_less_what_has_gone(stats, now, line):
    assert time_left(KEYS, stats, EXPECTED, now) == line


def test_a_step_that_never_succeeded_is_not_estimated():
    line = time_left(KEYS, at((100, 130)), {"quality": 60.0}, 160)
    assert line == "第2步（共3步）：已用1分00秒，有的步骤没有做完过，还需多久无法估计"


def test_a_run_asked_while_it_works_says_its_step_and_nothing_when_it_is_over(instance):
    heard = []

    @dg.op
    def register():
        pass

    @dg.op(ins={"after": dg.In(dg.Nothing)})
    def quality(context):
        heard.append(left_of(context.instance, context.run_id, time.time()))

    @dg.job
    def month():
        quality(register())

    runs = [month.execute_in_process(instance=instance).run_id for _ in range(2)]
    assert [line.split("：")[0] for line in heard] == ["第2步（共2步）二 核验"] * 2
    assert ["无法估计" in line for line in heard] == [True, False]
    assert [left_of(instance, run, time.time()) for run in (*runs, "none")] == ["", "", ""]
