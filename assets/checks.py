"""The checks on the register (核验): one a suite and severity, through Great Expectations; structure and identities block."""

from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import NamedTuple

import dagster as dg
from dagster._core.events import AssetMaterializationPlannedData

from assets.describe import page_address
from assets.partitions import WAREHOUSE_POOL
from assets.register import COVERAGE, REGISTERS
from assets.resources import GivenHome
from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.quality_rules import rules, suite_titles
from minzheng.contracts.regions import county, townships
from minzheng.contracts.suites import check_title, every_suite, warnings
from minzheng.months import add_months, month_zh
from minzheng.operations.alerts import tell_stopped
from minzheng.publish.charts.sparkline import sparkline
from minzheng.warehouse.stale import mark_stopped
from quality import gate

SHOWN = 6
"""The UI shows Markdown inline under 1,000 characters only."""
LEVEL_ZH = {"error": "错误级", "warn": "提示级"}
BLOCKING = "identities"
"""Besides every table's structure, the sums inside and between tables stop a month; comparisons of registers never do (_G03)."""


PAGE = "../{table}?view=checks&checkDetail={check}"
"""A check's page as seen from the page of another asset, whatever prefix the UI is served under."""


class Check(NamedTuple):
    """A check of the UI: the suite and severity it shows, and the table it hangs on."""

    suite: str
    severity: str
    title: str
    spec: dg.AssetCheckSpec


def _check(suite: str, severity: str, title: str, key: dg.AssetKey, blocking: bool) -> Check:
    effect = "不通过则停止该月计算" if blocking else "逐条核实,相关行照常统计"
    description = f"{title}({LEVEL_ZH[severity]}):{effect}"
    return Check(
        suite,
        severity,
        title,
        dg.AssetCheckSpec(
            f"{suite}__{severity}", asset=key, blocking=blocking, description=description
        ),
    )


@cache
def checks() -> tuple[Check, ...]:
    """Every check: the structure of each table, then the rules by subject."""
    found = []
    for name in dataset_names():
        found.append(_check(name, "error", dataset(name).title.zh, REGISTERS[name], blocking=True))
        if warnings(name):
            found.append(
                _check(name, "warn", dataset(name).title.zh, REGISTERS[name], blocking=False)
            )
    for suite, severity in sorted(
        {(rule.suite, rule.outcome_severity) for rule in rules().values()}
    ):
        found.append(
            _check(suite, severity, suite_titles()[suite], COVERAGE, blocking=suite == BLOCKING)
        )
    return tuple(found)


@dg.multi_asset_check(specs=[check.spec for check in checks()], name="quality", pool=WAREHOUSE_POOL)
def quality_checks(context: dg.AssetCheckExecutionContext, home: GivenHome):
    """Judge every rule over the run's months and tell Dagster, per suite, what failed, how often and where."""

    months = context.op_execution_context.partition_keys
    with home.warehouse("核验") as connection:
        gate.evaluate(connection, months)
        results = gate.validate(connection, months)
        where = _townships_by_suite(connection, max(months))
        trends = _trends(connection, max(months))
        stopped = _remember_blocked(connection, months, results)
    tell_stopped(home.home, months, stopped)
    leave_uncomputed(context.op_execution_context, stopped)
    for check in checks():
        key = (check.suite, check.severity)
        own = [one for one in results if (one.suite, one.severity) == key]
        yield page_of(check, own, where.get(key, {}), trends.get(key, {}))


def leave_uncomputed(context: dg.OpExecutionContext, months: Iterable[str]) -> None:
    """Let no table of a stopped month look computed: the run means to write it once more, and fails before it does."""
    for key, month in product((*REGISTERS.values(), COVERAGE), months):
        meant = AssetMaterializationPlannedData(key, partition=month)
        event = dg.DagsterEvent.build_asset_materialization_planned_event(
            context.run.job_name, "register", meant
        )
        context.instance.report_dagster_event(event, context.run_id)


def page_of(
    check: Check, results: list, where: dict[str, int], trend: dict[str, int]
) -> dg.AssetCheckResult:
    """What failed in the newest month, how often and where, then the months before it.

    `where`: rules failed by place in that month; `trend`: problems by month.
    """
    newest, failed = (
        max(results, key=lambda one: one.month),
        [one for one in results if not one.passed],
    )
    table = "\n".join(f"| {one.month} | {_failures(one) or '通过'} |" for one in failed[-24:])
    places = {county(): "全县", **townships()}
    names = {code: places.get(code, code) for code in sorted(where)}
    told = "、".join(f"{name}({where[code]}项)" for code, name in names.items())
    lists = {
        f"{name}要改正的行": dg.MetadataValue.url(
            page_address(newest.month, f"township/{code}.html")
        )
        for code, name in names.items()
        if code in townships()
    }
    return dg.AssetCheckResult(
        check_name=check.spec.name,
        asset_key=check.spec.asset_key,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR
        if check.severity == "error"
        else dg.AssetCheckSeverity.WARN,
        description=_description(newest, failed, results),
        metadata={
            "月份": newest.month,
            "未通过的检查": _failures(newest) or "无",
            "问题数": sum(count for _, count in newest.failed_rules),
            "检查项数": newest.evaluated,
            "涉及乡镇": told or ("无" if newest.passed else "不分乡镇"),
            **lists,
            "谁来办": "无" if newest.passed else _duty(check, newest.month),
            "近12个月问题数": "、".join(
                f"{month} {count}" for month, count in sorted(trend.items())
            )
            or "尚无记录",
            "走势": dg.MetadataValue.md(_trend(trend)),
            "逐月结果": dg.MetadataValue.md(
                f"| 月份 | 未通过 |\n|---|---|\n{table}" if table else "各月全部通过"
            ),
        },
    )


def _duty(check: Check, month: str) -> str:
    """Who has to do what about a check that failed; no person is shown here."""
    first = "该月已停止计算,先办这一项。" if check.spec.blocking else ""
    return (
        f"{first}数据员:点各乡镇的网页看要改正的行,用 minzheng returns export --month {month} 生成退回清单、"
        "minzheng returns open 打开后发给乡镇(含个人信息,先登记);乡镇:逐条核实,改正后重报,重报后自动重算。"
    )


def _description(newest, failed: list, results: list) -> str:
    if len(results) > 1:
        return f"{len(results)}个月中{len(failed)}个月未通过"
    head = f"{month_zh(newest.month)}"
    if not newest.evaluated:
        return f"{head}:当月数据未报送,未作检查"
    return f"{head}:{newest.evaluated}项检查中{len(newest.failed_rules)}项未通过"


def _failures(result) -> str:
    """`D06 收入低于低保标准(11处)、…`."""
    suite = every_suite()[result.suite, result.severity]
    return "、".join(
        f"{check_title(suite, rule)}({count}处)" for rule, count in result.failed_rules
    )


def _trend(counts: dict[str, int]) -> str:
    """The months up to the newest as a line of Markdown with its least and greatest value."""
    if not counts:
        return "尚无记录"
    last = max(counts)
    values = [counts.get(add_months(last, back)) for back in range(-11, 1)]
    known = [value for value in values if value is not None]
    return f"最低{min(known)}、最高{max(known)}\n\n{sparkline(values, '近12个月问题数')}".strip()


def titled(suites: list[str]) -> str:
    """Suites by their Chinese titles."""
    return "、".join(
        next(check.title for check in checks() if check.suite == suite) for suite in suites
    )


def failed_checks(connection, month: str) -> dict[str, str]:
    """What failed in a month, by severity: how many suites, the worst named with links to their pages; nothing when all held."""
    rows = connection.execute(
        "select suite, severity, count(distinct rule_id) from quality.outcome where state = 'fail' and month = $month"
        " group by suite, severity order by 3 desc, 1",
        {"month": month},
    ).fetchall()
    told = {}
    for severity, level in LEVEL_ZH.items():
        failed = {suite: count for suite, found, count in rows if found == severity}
        pages = [
            f"[{check.title}]({PAGE.format(table='/'.join(check.spec.asset_key.path), check=check.spec.name)})({failed[check.suite]}项)"
            for check in sorted(checks(), key=lambda check: -failed.get(check.suite, 0))
            if check.severity == severity and check.suite in failed
        ]
        if pages:
            told[level] = (
                f"{len(pages)}组:" + "、".join(pages[:SHOWN]) + ("等" if len(pages) > SHOWN else "")
            )
    return told


def _townships_by_suite(connection, month: str) -> dict[tuple[str, str], dict[str, int]]:
    """Suite and severity to the rules failed in a month by place."""
    rows = connection.execute(
        "select suite, severity, township_code, count(distinct rule_id) from quality.outcome"
        " where state = 'fail' and month = $month group by suite, severity, township_code",
        {"month": month},
    ).fetchall()
    found: dict[tuple[str, str], dict[str, int]] = {}
    for suite, severity, code, count in rows:
        found.setdefault((suite, severity), {})[code] = count
    return found


def _trends(connection, last: str) -> dict[tuple[str, str], dict[str, int]]:
    """Suite and severity to the problems of each month judged so far, of the twelve months up to `last`."""
    rows = connection.execute(
        "select suite, severity, month, failed_checks from quality.suite_result where month between $first and $last and evaluated > 0",
        {"first": add_months(last, -11), "last": last},
    ).fetchall()
    found: dict[tuple[str, str], dict[str, int]] = {}
    for suite, severity, month, failed in rows:
        parts = [part.rsplit(":", 1) for part in failed.split(",") if part]
        found.setdefault((suite, severity), {})[month] = sum(int(count) for _, count in parts)
    return found


def _remember_blocked(connection, months: list[str], results: list) -> dict[str, str]:
    """Keep which months a blocking suite stops, for whoever started the run; returns them with the suites' titles."""
    connection.execute(
        "delete from work.blocked where month in (select unnest($months))", {"months": months}
    )

    stopped = [
        (one.month, one.suite, "、".join(rule for rule, _ in one.failed_rules))
        for one in results
        if one.blocking and not one.passed
    ]
    if stopped:
        connection.executemany("insert into work.blocked values (?, ?, ?)", stopped)
    mark_stopped(connection, months, [month for month, _, _ in stopped])
    return {
        month: titled([suite for at, suite, _ in stopped if at == month]) for month, _, _ in stopped
    }
