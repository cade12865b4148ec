"""The counts of a month's standing (`minzheng.publish.standing`) in one line, for whoever does not read the frames."""

from minzheng.publish.numbers import rounded


def overview_text(counted: dict[str, int | float | None]) -> str:
    """The counts in one line, as control room and command line tell them."""
    gone = counted["time_gone"]
    return "，".join(
        [
            f"应报{counted['files_due']}份，已报{counted['files_came']}份，其中迟报{counted['files_late']}份",
            f"未通过的差错性规则{counted['rules_failed_error']}条、提示性规则{counted['rules_failed_warn']}条",
            f"规划指标{counted['plan_indicators']}项",
            *([] if gone is None else [f"规划期已过{percent(gone)}"]),
        ]
    )


def percent(share: float) -> str:
    """A share of time as it is printed everywhere."""
    return f"{rounded(share * 100, 1)}%"
