"""The checks on the register (核验): one check per suite and severity, through Great Expectations; blocking where it must stop the month."""

import dagster as dg

from assets.register import REGISTERS
from minzheng.contracts import dataset, dataset_names
from pipelines.partitions import WAREHOUSE_POOL
from pipelines.resources import HomeResource

CROSS = "cross_table"
"""The suite of rules that compare tables; it hangs on the coverage table, which every comparison reads."""


def check_specs() -> list[dg.AssetCheckSpec]:
    """One structural check a register table (blocking), and two of findings (error, warn) a table."""
    specs = []
    for name in [*dataset_names(), CROSS]:
        key = REGISTERS.get(name, dg.AssetKey(["register", "coverage"]))
        title = dataset(name).title.zh if name != CROSS else "表间关系"
        specs += [
            dg.AssetCheckSpec(
                f"{name}__structural", asset=key, blocking=True, description=f"{title}:结构与平衡,不通过则停止本月计算"
            ),
            dg.AssetCheckSpec(f"{name}__error", asset=key, description=f"{title}:错误级规则,逐条核实,行照常统计"),
            dg.AssetCheckSpec(f"{name}__warn", asset=key, description=f"{title}:提示级规则,可能有其道理"),
        ]
    return specs


@dg.multi_asset_check(specs=check_specs(), name="quality", pool=WAREHOUSE_POOL)
def quality_checks(context: dg.AssetCheckExecutionContext, home: HomeResource):
    """Evaluate every rule over the run's months and tell Dagster, per suite, what failed, how often and where."""
    from minzheng.gate import evaluate_months

    months = context.op_execution_context.partition_keys
    with home.warehouse() as connection:
        verdicts = evaluate_months(connection, months)
    for spec in check_specs():
        suite, level = spec.name.rsplit("__", 1)
        verdict = verdicts[suite, level]
        yield dg.AssetCheckResult(
            check_name=spec.name,
            asset_key=spec.asset_key,
            passed=verdict.passed,
            severity=dg.AssetCheckSeverity.WARN if level == "warn" else dg.AssetCheckSeverity.ERROR,
            description=verdict.sentence_zh,
            metadata={
                "规则数": verdict.rules,
                "问题行数": verdict.failed_rows,
                "逐月逐规则": dg.MetadataValue.md(verdict.table_md),
                "涉及乡镇": verdict.townships_zh,
                "明细": "在受限目录的退回清单中,不在此处显示",
            },
        )
