"""The checks on the register (核验): one a suite and severity, through Great Expectations; structure and identities block."""

from functools import cache
from typing import NamedTuple

import dagster as dg

from assets.register import COVERAGE, REGISTERS
from minzheng.contracts import dataset, dataset_names
from minzheng.registry import townships
from pipelines.partitions import WAREHOUSE_POOL
from pipelines.resources import GivenHome
from quality import structure
from quality.rules import rules, suite_titles

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
        dg.AssetCheckSpec(f"{suite}__{severity}", asset=key, blocking=blocking, description=description),
    )


@cache
def checks() -> tuple[Check, ...]:
    """Every check: the structure of each table, then the rules by subject."""
    found = []
    for name in dataset_names():
        found.append(_check(name, "error", dataset(name).title.zh, REGISTERS[name], blocking=True))
        if structure.warnings(name):
            found.append(_check(name, "warn", dataset(name).title.zh, REGISTERS[name], blocking=False))
    for suite, severity in sorted({(rule.suite, rule.outcome_severity) for rule in rules().values()}):
        found.append(_check(suite, severity, suite_titles()[suite], COVERAGE, blocking=suite == BLOCKING))
    return tuple(found)


@dg.multi_asset_check(specs=[check.spec for check in checks()], name="quality", pool=WAREHOUSE_POOL)
def quality_checks(context: dg.AssetCheckExecutionContext, home: GivenHome):
    """Judge every rule over the run's months and tell Dagster, per suite, what failed, how often and where."""
    from quality import gate

    months = context.op_execution_context.partition_keys
    with home.warehouse("核验") as connection:
        gate.evaluate(connection, months)
        results = gate.validate(connection, months)
        where = _townships_by_suite(connection, months)
        _remember_blocked(connection, months, results)
    for check in checks():
        own = [one for one in results if (one.suite, one.severity) == (check.suite, check.severity)]
        yield _result(check, own, where.get((check.suite, check.severity), []))


def _result(check: Check, results: list, codes: list[str]) -> dg.AssetCheckResult:
    failed = [one for one in results if not one.passed]
    table = "\n".join(f"| {one.month} | {one.sentence_zh.split(':', 1)[-1]} |" for one in failed[-24:])
    return dg.AssetCheckResult(
        check_name=check.spec.name,
        asset_key=check.spec.asset_key,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if check.severity == "error" else dg.AssetCheckSeverity.WARN,
        description=results[-1].sentence_zh if len(results) == 1 else f"{len(results)}个月中{len(failed)}个月未通过",
        metadata={
            "问题数": sum(count for one in failed for _, count in one.failed_rules),
            "检查项数": max((one.evaluated for one in results), default=0),
            "涉及乡镇": "、".join(townships().get(code, "全县") for code in codes) or "无",
            "逐月结果": dg.MetadataValue.md(f"| 月份 | 结果 |\n|---|---|\n{table}" if table else "各月全部通过"),
            "明细在哪里": "minzheng quarantine 与退回清单(受限目录),此处不显示个人信息",
        },
    )


def titled(suites: list[str]) -> str:
    """Suites by their Chinese titles."""
    return "、".join(next(check.title for check in checks() if check.suite == suite) for suite in suites)


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
            told[level] = f"{len(pages)}组:" + "、".join(pages[:SHOWN]) + ("等" if len(pages) > SHOWN else "")
    return told


def _townships_by_suite(connection, months: list[str]) -> dict[tuple[str, str], list[str]]:
    rows = connection.execute(
        "select suite, severity, list(distinct township_code order by township_code) from quality.outcome"
        " where state = 'fail' and month in (select unnest($months)) group by suite, severity",
        {"months": months},
    ).fetchall()
    return {(suite, severity): codes for suite, severity, codes in rows}


def _remember_blocked(connection, months: list[str], results: list) -> None:
    """Keep which months a blocking suite stops, for whoever started the run."""
    connection.execute("delete from work.blocked where month in (select unnest($months))", {"months": months})
    from minzheng.state import mark_stopped

    stopped = [
        (one.month, one.suite, "、".join(rule for rule, _ in one.failed_rules))
        for one in results
        if one.blocking and not one.passed
    ]
    if stopped:
        connection.executemany("insert into work.blocked values (?, ?, ?)", stopped)
    mark_stopped(connection, months, [month for month, _, _ in stopped])
