"""Each kind of fault ends in a line that a person sees after one scheduled run: status file, mail, `minzheng status`, pages."""

import datetime as dt
import os
import sqlite3
import subprocess
import sys
import time

import dagster as dg
import pytest
from click.testing import CliRunner

from assets.resources import HomeResource
from minzheng.cli import cli
from minzheng.custody.ledger import Ledger
from minzheng.delivery import schedule
from minzheng.errors import MinzhengError
from minzheng.intake import take
from minzheng.operations import invariants
from pipelines import automation
from pipelines.ghosts import reap
from pipelines.runs import execute
from tests.pipelines.test_alerts import mailing, read, server  # noqa: F401
from tests.pipelines.test_automation import tick
from tests.pipelines.test_history import failure_of, started


def files_arrive(home, *_):
    (home.landing / "a.csv").write_bytes(b"x")
    execute(home, "receive")


def check_up(home):
    with pytest.raises(MinzhengError, match="check-up"):
        execute(home, "check_up")


def no_backup(home, instance, resource, patch):
    files_arrive(home)
    later = time.time() + 9 * 86400
    patch.setattr(invariants.time, "time", lambda: later)
    check_up(home)


def landing_away(home, instance, resource, patch):
    tick(
        automation.landing_folder, instance, HomeResource(str(home.path), str(home.path / "share"))
    )


def failed_run(home, instance, resource, patch):
    tags = {"dagster/sensor_name": "stale_months", "月份": "2024-03"}
    automation.tell_failure(failure_of(instance, resource, tags)[1].for_run_failure())


def ghost_run(home, instance, resource, patch):
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    ghost = started(instance, gone.pid)
    instance.add_run_tags(ghost, {"dagster/sensor_name": "landing_folder"})
    assert reap(instance) == [ghost]
    event = instance.get_event_records(
        dg.EventRecordsFilter(dg.DagsterEventType.RUN_FAILURE), limit=1
    )[0].event_log_entry.dagster_event
    context = dg.build_run_status_sensor_context(
        sensor_name="tell_failure", dagster_instance=instance, dagster_event=event,
        dagster_run=instance.get_run_by_id(ghost), resources={"home": resource},
    )  # fmt: skip
    automation.tell_failure(context.for_run_failure())


def clock_jump(home, instance, resource, patch):
    patch.setattr(take, "EARLIEST", dt.datetime(2999, 1, 1, tzinfo=take.SHANGHAI))
    files_arrive(home)


def damaged_line(home, instance, resource, patch):
    files_arrive(home)
    with sqlite3.connect(home.ledger) as ledger:
        ledger.execute("drop trigger event_keeps")
        ledger.execute(
            "update event set body = replace(body, 'a.csv', 'b.csv') where kind = 'received'"
        )
    check_up(home)


def damaged_warehouse(home, instance, resource, patch):
    files_arrive(home)
    os.truncate(home.warehouse, 5000)
    with pytest.raises(MinzhengError, match="doctor --repair"):
        execute(home, "check_up")
    failed = instance.get_runs(dg.RunsFilter(job_name="check_up"))[0]
    instance.add_run_tags(failed.run_id, {"dagster/schedule_name": "weekly_check_up"})
    event = dg.DagsterEvent(dg.DagsterEventType.RUN_FAILURE.value, "check_up", message="failed")
    context = dg.build_run_status_sensor_context(
        sensor_name="tell_failure", dagster_instance=instance, dagster_event=event,
        dagster_run=instance.get_run_by_id(failed.run_id), resources={"home": resource},
    )  # fmt: skip
    automation.tell_failure(context.for_run_failure())


def missed_delivery(home, instance, resource, patch):
    home.recipients.write_text(
        '[[recipient]]\nname = "州"\nedition = "prefecture"\nchannel = "oa"\n'
    )
    with Ledger(home) as ledger:
        ledger.record("frozen", {"release": "2024-03/r1", "manifests": {}, "signers": []})
    schedule.tell_missed(home, dt.date(2024, 5, 30))


FAULTS = {
    "the backup is too old": (no_backup, "没有备份", ""),
    "the landing folder is away": (landing_away, "收件目录不存在", ""),
    "an automatic run failed": (failed_run, "运行失败", ""),
    "a run whose machine died": (ghost_run, "运行失败", ""),
    "the clock jumped": (clock_jump, "请校准时钟", ""),
    "a line of the ledger was changed": (damaged_line, "校验链断开", ""),
    "the warehouse is damaged": (damaged_warehouse, "doctor --repair", ""),
    "a delivery was missed": (missed_delivery, "尚未送达", "2024年4月月报尚未送达上级"),
}


@pytest.mark.usefixtures("mailing")
@pytest.mark.parametrize(("fault", "told", "on_pages"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_seen_by_a_person_after_one_scheduled_run(
    home, instance, resource, monkeypatch, request, fault, told, on_pages
):
    with monkeypatch.context() as patch:
        fault(home, instance, resource, patch)
    assert told in (home.path / "alerts.json").read_text(encoding="utf-8")
    mails = request.getfixturevalue("server").mails
    assert told in "".join(read(mail).get_content() for mail in mails)
    seen = CliRunner().invoke(cli, ["status", "--home", str(home.path)]).output
    assert told in seen.partition("收到文件")[0]
    assert on_pages in (home.published / "status.js").read_text(encoding="utf-8")
