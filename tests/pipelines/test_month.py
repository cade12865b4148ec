"""A small month through the real jobs: what the UI is told, a stopped month, the release job, the check-up."""

import dagster as dg
import pytest

from assets.checks import _remember_blocked, leave_uncomputed
from assets.indicator import _shown
from assets.lead import overdue_red
from assets.partitions import MONTHS, RANGE_END, RANGE_START, asked_tag
from assets.publication import DRAFT
from assets.register import COVERAGE
from minzheng.errors import MinzhengError, WrongCall
from minzheng.operations.invariants import warehouse_faults
from minzheng.operations.month_facts import table_facts
from minzheng.publish.charts.sparkline import sparkline
from minzheng.warehouse.connection import open_warehouse
from pipelines.acts import Approval
from pipelines.definitions import defs
from pipelines.runs import execute
from tests.place import AREA

MONTH = "2024-03"


def stopped(home, month):
    with open_warehouse(home) as connection:
        connection.execute("insert into work.blocked values (?, 'identities', 'R001')", [month])


def test_a_stopped_month_turns_the_publication_red_and_takes_its_old_draft_away(home):
    folder = home.drafts / MONTH
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    stopped(home, MONTH)
    with pytest.raises(MinzhengError, match="blocking checks failed"):
        execute(home, "draft", months=[MONTH])
    assert not folder.exists()
    with dg.DagsterInstance.get() as instance:
        (seen,) = instance.fetch_observations(DRAFT, limit=5).records
        assert seen.partition_key == MONTH
        assert "表内表间勾稽" in seen.asset_observation.metadata["现在"].value
        assert instance.get_latest_materialization_event(DRAFT) is None
        assert instance.get_runs()[0].status == dg.DagsterRunStatus.FAILURE


def test_a_table_that_was_written_before_a_check_stopped_its_month_is_red_not_green(instance):
    @dg.asset(key=COVERAGE, partitions_def=MONTHS)
    def written():
        pass

    @dg.asset_check(asset=written, blocking=True)
    def judged(context: dg.AssetCheckExecutionContext):
        refused = next(refusals)
        leave_uncomputed(context.op_execution_context, [MONTH] if refused else [])
        return dg.AssetCheckResult(passed=not refused)

    seen, refusals = [], iter((False, True, False))
    for _ in range(3):
        dg.materialize(
            [written, judged], instance=instance, partition_key=MONTH, raise_on_error=False
        )
        seen.append(instance.get_status_by_partition(COVERAGE, [MONTH], MONTHS)[MONTH].value)
    assert seen == ["MATERIALIZED", "FAILED", "MATERIALIZED"]


def test_a_month_that_a_run_leaves_as_it_was_still_says_what_it_said(
    home, instance, resource, accepted, monkeypatch
):
    from assets import lead, plan, register

    months = ["2024-01", "2024-02"]
    for month in months:
        accepted(home, month)
    with open_warehouse(home) as connection:
        connection.execute(
            f"insert into quality.outcome select 'C05', 'rules_child', 'warn', unnest($months), '{AREA}100', 9, 2, 'fail'",
            {"months": months},
        )

    def facts(*asked, fails=False):
        """The names of what the January of each page says after a run in which only `asked` were asked for."""
        tags = {RANGE_START: months[0], RANGE_END: months[-1], **asked_tag(asked)}
        steps = [register.register, lead.lead, plan.plan_progress]
        done = dg.materialize(
            steps, instance=instance, tags=tags, resources={"home": resource}, raise_on_error=False
        )
        assert done.success is not fails
        keys = [plan.PROGRESS, lead.LEAD, register.COVERAGE, register.REGISTERS["dibao_roll"]]
        pages = [dg.AssetRecordsFilter(key, asset_partitions=months[:1]) for key in keys]
        newest = [instance.fetch_materializations(page, limit=1).records[0] for page in pages]
        return [sorted(one.asset_materialization.metadata) for one in newest]

    whole = facts(*months)
    assert all(whole)
    judged, seen = plan._judged, []
    monkeypatch.setattr(plan, "_judged", lambda *given: seen.append(given[1]) or judged(*given))
    assert facts() == whole
    assert seen == months[1:], "January is as it was"
    with open_warehouse(home) as connection:
        connection.execute("update quality.outcome set failed = 3 where month = '2024-01'")
    monkeypatch.setattr(plan, "_judged", lambda *_: 1 / 0)
    facts(fails=True)
    monkeypatch.setattr(plan, "_judged", lambda *given: seen.append(given[1]) or judged(*given))
    assert facts() == whole
    assert seen[1:] == months, "what a step did not come to say is still to be said"
    page = dg.AssetRecordsFilter(plan.PAGES[0].key, asset_partitions=months[:1])
    told = instance.fetch_materializations(page, limit=5).records
    assert len(told) == 1, "a page that says what it said is not told again"


def test_lists_are_sealed_when_the_figures_that_wait_for_their_rows_are_known(
    home, instance, resource, accepted, monkeypatch
):
    from assets import indicator

    accepted(home, MONTH)
    counted = f"select count(*) > 0 from indicator.observation where month = '{MONTH}'"
    monkeypatch.setattr(indicator, "seal_lists", lambda _, connection, months: seen.append((months, *connection.execute(counted).fetchone())))  # fmt: skip
    seen, given = [], {"partition_key": MONTH, "resources": {"home": resource}}
    assert dg.materialize([indicator.indicator], instance=instance, **given).success
    assert seen == [([MONTH], True)]
    (told,) = instance.fetch_observations(indicator.LEAD, limit=5).records
    assert "密封清单数(受限目录)" in told.asset_observation.metadata


def test_what_stopped_a_month_is_kept_for_the_draft_and_told_by_title_in_an_alert(warehouse):
    from types import SimpleNamespace as Result

    def result(month, suite, failed, blocking=True):
        return Result(
            month=month, suite=suite, failed_rules=failed, blocking=blocking, passed=not failed
        )

    results = [
        result("2024-02", "identities", []),
        result("2024-02", "rules_dibao", [("D06", 3)], blocking=False),
        result(MONTH, "identities", [("R001", 1), ("R002", 4)]),
        result(MONTH, "dibao_roll", [("person_key", 1)]),
    ]
    assert _remember_blocked(warehouse, ["2024-02", MONTH], results) == {
        MONTH: "表内表间勾稽、城乡低保花名册"
    }
    kept = warehouse.execute(
        "select month, suite, rule_ids from work.blocked order by suite"
    ).fetchall()
    assert kept == [(MONTH, "dibao_roll", "person_key"), (MONTH, "identities", "R001、R002")]
    assert _remember_blocked(warehouse, [MONTH], []) == {}
    assert warehouse.execute("select count(*) from work.blocked").fetchone() == (0,)


def test_a_stopped_month_cannot_be_released_from_the_launchpad(home):
    stopped(home, MONTH)
    with pytest.raises(MinzhengError, match="was stopped"):
        execute(home, "release", ops={"freeze_draft": {"month": MONTH, "approved_by": "示例局长"}})


@pytest.mark.parametrize("told", [{}, {"month": MONTH}])
def test_the_release_launchpad_refuses_what_is_not_written_out(home, told):
    with pytest.raises(dg.DagsterInvalidConfigError):
        execute(home, "release", ops={"freeze_draft": told})


@pytest.mark.parametrize(
    ("month", "name"),
    [("", ""), ("2024-13", "示例局长"), (MONTH, "  "), ("../2024-03", "示例局长")],
)
def test_a_release_of_no_month_or_by_nobody_is_a_wrong_call(month, name):
    with pytest.raises(WrongCall):
        Approval(month=month, approved_by=name).checked()


def told_in_the_ui(job):
    """What the UI shows of why a run of a job failed."""
    with dg.DagsterInstance.get() as instance:
        run = instance.get_runs(dg.RunsFilter(job_name=job))[0]
        failed = instance.get_records_for_run(
            run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE
        ).records[0]
    shown = failed.event_log_entry.dagster_event.step_failure_data.error
    assert "masked" not in shown.message
    assert shown.cause is None
    assert shown.context is None
    return shown.message.partition(": ")[2].strip()


@pytest.mark.parametrize(
    ("job", "ops", "shown"),
    [
        (
            "release",
            {"freeze_draft": {"month": "三月", "approved_by": "示例局长"}},
            "月份写法不对:三月;应写作 2024-03",
        ),
        ("release", {"freeze_draft": {"month": "2024-03", "approved_by": ""}}, "需填写批准人姓名"),
        ("deliver", {"send_month": {"month": "三月"}}, "月份写法不对:三月;应写作 2024-03"),
        (
            "completeness",
            {"publication__draft_return_complete": {"month": "03"}},
            "月份写法不对:03;应写作 2024-03",
        ),
    ],
)
def test_the_ui_shows_a_refusal_in_chinese_and_masks_nothing_of_it(home, job, ops, shown):
    with pytest.raises(MinzhengError):
        execute(home, job, ops=ops)
    assert told_in_the_ui(job).startswith(shown)


@pytest.mark.parametrize("job", ["month", "recompute", "draft"])
def test_a_month_nobody_reported_for_is_not_computed(home, job):
    with pytest.raises(MinzhengError, match="no accepted file"):
        execute(home, job, months=["2023-03"])
    assert told_in_the_ui(job) == "2023-03 至 2023-03 没有可用的报送文件,未作计算"


def test_a_fault_of_the_disk_is_told_as_such_and_any_other_by_its_place_only(home, monkeypatch):
    import errno

    from pipelines import acts

    def broken(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "x")

    monkeypatch.setattr(acts, "faults", broken)
    with pytest.raises(MinzhengError, match="the disk is full"):
        execute(home, "check_up")
    assert told_in_the_ui("check_up") == "磁盘已满:请腾出空间后重新运行"
    monkeypatch.setattr(acts, "faults", lambda *_: {}["虚构姓名"])
    with pytest.raises(MinzhengError, match="internal error KeyError"):
        execute(home, "check_up")
    assert "虚构姓名" not in told_in_the_ui("check_up")


def test_a_ledger_that_cannot_be_written_is_not_called_damaged_and_a_damaged_one_is(
    home, monkeypatch
):
    import sqlite3

    from minzheng.custody import ledger

    def failing(text, name):
        def connect(*_, **__):
            error = sqlite3.OperationalError(text)
            error.sqlite_errorname = name
            raise error

        return connect

    for text, name, shown in (
        ("database or disk is full", "SQLITE_FULL", "磁盘已满"),
        ("attempt to write a readonly database", "SQLITE_READONLY", "没有读写权限"),
        ("disk I/O error", "SQLITE_IOERR", "磁盘读写出错"),
        ("locking protocol", "SQLITE_PROTOCOL", "打不开(SQLITE_PROTOCOL)"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(ledger.sqlite3, "connect", failing(text, name))
            with pytest.raises(MinzhengError) as caught:
                ledger.Ledger(home)
        assert shown in caught.value.zh
    home.ledger.write_bytes(b"no ledger" * 1000)
    with pytest.raises(MinzhengError, match="is damaged"):
        ledger.Ledger(home)


def test_a_release_without_a_draft_says_so(home):
    with pytest.raises(MinzhengError, match="no draft"):
        execute(home, "release", ops={"freeze_draft": {"month": MONTH, "approved_by": "示例局长"}})


def test_the_check_up_finds_a_file_that_the_ledger_does_not_know(home):
    from minzheng.operations.alerts import open_alerts
    from minzheng.warehouse.connection import open_warehouse

    execute(home, "check_up")
    assert open_alerts(home) == []
    with open_warehouse(home) as connection:
        connection.execute("insert into raw.file (intake_no, verdict) values (7, 'ignore')")
    with pytest.raises(MinzhengError, match="1 faults"):
        execute(home, "check_up")
    assert [alert.key for alert in open_alerts(home)] == ["check-up"]


def test_the_check_up_prunes_the_history_of_a_control_room_that_is_never_restarted(
    home, monkeypatch
):
    from pipelines import history

    monkeypatch.setattr(history, "prune", lambda instance: 7)
    result = execute(home, "check_up")
    told = [
        event.step_output_data.metadata for event in result.all_events if event.is_successful_output
    ]
    assert any(
        "清理的运行记录" in metadata and metadata["清理的运行记录"].value == 7 for metadata in told
    )


def test_the_check_up_counts_the_rows_of_every_accepted_file(home, warehouse):
    warehouse.execute(
        "insert into raw.file (intake_no, dataset, verdict, rows_accepted) values (1, 'dibao_roll', 'accept', 2)"
    )
    warehouse.execute("insert into raw.dibao_roll (month, intake_no) values ('2024-03', 1)")
    found = [english for english, _ in warehouse_faults(home, warehouse)]
    assert "file 1: 2 rows accepted, 1 in raw.dibao_roll" in found


def test_a_roll_is_shown_as_it_is(given, warehouse):
    given(
        "register.dibao_roll",
        "| month | person_key |\n" + "\n".join(f"| 2024-03 | p{n} |" for n in range(3)),
    )
    assert table_facts(warehouse, "dibao_roll", [MONTH])[MONTH].persons == 3
    assert table_facts(warehouse, "dibao_roll", ["2024-04"])["2024-04"].rows == 0


def test_a_subject_shows_its_figures_of_persons_whole_for_the_county_and_each_township():
    figures = {
        ("orphan_total", AREA): {MONTH: (3.0, 3.0, 4.0)},
        ("orphan_total", f"{AREA}100"): {MONTH: (1.0, 1.0, 1.0)},
    }
    told = _shown("CH", figures, MONTH)
    assert (told["孤儿数(人)"], told["孤儿数的上下限"]) == (3, "3–4")
    assert "| 孤儿数 | 人 | 1 |  |  |  |  |" in told["分乡镇"].value


def counts(rows):
    import polars as pl

    return pl.DataFrame(rows, schema=["township_code", "level", "overdue"], orient="row")


def test_overdue_red_leads_warn_with_the_township_and_its_number():
    told = overdue_red(
        counts([(f"{AREA}100", "red", 4), (f"{AREA}101", "red", 9), (f"{AREA}101", "orange", 30)]),
        MONTH,
    )
    assert told.passed is False
    assert told.severity == dg.AssetCheckSeverity.WARN
    assert told.metadata["涉及乡镇"].value == "沙柳河镇4条、哈尔盖镇9条"


def test_no_overdue_red_lead_passes_whatever_waits_in_orange():
    assert (
        overdue_red(counts([(f"{AREA}100", "orange", 4), (f"{AREA}100", "red", 0)]), MONTH).passed
        is True
    )


def test_a_line_stays_short_enough_to_be_shown_inline_and_is_left_out_when_there_is_nothing_to_draw():
    assert 0 < len(sparkline([1.0, None, 3.0, 2.5] * 20, "床位数")) < 900
    assert sparkline([1.0], "床位数") == ""
    assert sparkline([None, None], "床位数") == ""


def test_every_job_can_be_built():
    for job in defs.jobs:
        assert defs.resolve_job_def(job.name).name.isascii()
