"""What-if: a new standard or limit applied to a month's pseudonymised rolls; kept, and later held against what happened."""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import chain

import duckdb
import polars as pl

from minzheng.custody.ledger import SHANGHAI, Ledger
from minzheng.errors import MinzhengError
from minzheng.leads.matching import build_shared, drop_shared, evaluate, find
from minzheng.leads.rules import rules
from minzheng.warehouse.connection import model, set_months

ROLL_OF = {
    "dibao_std_urban": "dibao_roll", "dibao_std_rural": "dibao_roll", "tekun_basic_std": "tekun_roll",
    "pwd_living_std": "pwd_roll", "pwd_care_std": "pwd_roll", "orphan_std": "child_roll", "fact_orphan_std": "child_roll",
}  # fmt: skip
LIMITS = (
    "medical_alert_multiple",
    "asset_deposit_limit",
    "asset_hit_months",
    "temp_aid_cap_multiple",
)
STANDARDS = tuple(ROLL_OF)
YEARLY = ("dibao_std_rural",)
EDGE = "edge_multiple"
KEPT = "what_if"
EFFECT_ZH = {
    "more": "增加",
    "less": "减少",
    "entered": "新纳入",
    "left": "退出",
    "flagged_now": "现有线索",
    "flagged_then": "调整后线索",
}
REASON_ZH = {
    "household": "同户其他人仍在册：同户人均收入登记不一致或户内人员有变动，须先核实",
    "income_between": "人均收入在新旧标准之间",
    "income_above": "人均收入高于新旧标准：按原标准也不应在册，须先核实收入",
    "income_below": "人均收入低于原标准：按原标准已应纳入，须先核实",
    "nothing_left": "补差减至零",
}
"""Why somebody leaves or comes in."""


def parse(assignment: str) -> tuple[str, str | None, Decimal]:
    """`CODE=VALUE` or `CODE[BAND]=VALUE` as code, band, value; ValueError when it is neither or the value not above 0."""
    match = re.fullmatch(r"([a-z_]+)(?:\[(.+)\])?=(\d+(?:\.\d{1,4})?)", assignment.strip())
    if not match:
        raise ValueError(assignment)
    try:
        value = Decimal(match[3])
    except InvalidOperation:
        raise ValueError(assignment) from None
    if value <= 0:
        raise ValueError(assignment)
    return match[1], match[2], value


def ask(
    connection: duckdb.DuckDBPyConnection,
    months: Sequence[str],
    code: str,
    band: str | None,
    value: Decimal,
) -> pl.DataFrame:
    """People and yuan by month and township: month, township_code, effect, reason, people, yuan (change of the month's benefit; null but for standards).

    Effects of a standard: more, less, entered, left (the latter two with their reason, `REASON_ZH`); of the edge multiple: entered, left. Of a limit: flagged_now and
    flagged_then, persons with a lead of the rules that use it, now and with the value. The run is kept in `lead.what_if`.
    `MinzhengError` for a parameter that cannot be asked about or has no value in force. Sets `work.month`.
    """
    if code not in (*STANDARDS, *LIMITS, EDGE):
        known = ", ".join((*STANDARDS, *LIMITS, EDGE))
        raise MinzhengError(
            f"what-if knows no parameter {code}; it knows {known}",
            f"不能测算参数 {code};可测算:{known}",
        )
    frames = [_of_month(connection, month, code, band, value).insert_column(0, pl.lit(month).alias("month")) for month in months]  # fmt: skip
    frame = pl.concat(frames)
    _keep(connection, code, band, value, effects(frame))
    return frame


def effects(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of `ask` without their reasons."""
    known = pl.col("yuan").is_not_null().any()
    return frame.group_by("month", "township_code", "effect", maintain_order=True).agg(
        pl.col("people").sum(), pl.when(known).then(pl.col("yuan").sum()).alias("yuan")
    )


def with_reason(frame: pl.DataFrame) -> pl.DataFrame:
    """Effects of what has no reason told, in the columns of those that have."""
    none = pl.lit(None, pl.String).alias("reason")
    return frame.select("township_code", "effect", none, "people", "yuan")


def _of_month(connection, month: str, code: str, band: str | None, value: Decimal) -> pl.DataFrame:
    set_months(connection, [month])
    build_shared(connection)
    try:
        if code in LIMITS:
            return _limit(connection, month, code, value)
        if code == EDGE:
            query, given = model("lead/what_if/edge"), {"month": month, "new": float(value)}
            return with_reason(connection.sql(query, params=given).pl())
        return _standard(connection, month, code, band, value)
    finally:
        drop_shared(connection)


def _standard(connection, month: str, code: str, band: str | None, value: Decimal) -> pl.DataFrame:
    old = in_force(connection, month, code, band)
    if old is None:
        raise MinzhengError(f"no {code} in force in {month}", f"{month} 没有生效的标准:{code}")
    share = 12 if code in YEARLY else 1
    query = model("lead/what_if/standard").replace("{drawn}", model("lead/what_if/drawn"))
    parameters = {
        "month": month,
        "param_code": code,
        "band": band,
        "old": float(old) / share,
        "new": float(value) / share,
    }
    return connection.sql(query, params=parameters).pl()


def townships_without(connection: duckdb.DuckDBPyConnection, month: str, code: str) -> list[str]:
    """The townships whose roll of that standard has not come for the month: they are in no figure of `ask`."""
    rows = connection.execute(
        """
        select township_code from register.coverage where length(township_code) = 9
        except
        select township_code from register.coverage where dataset = $dataset and month = $month
        order by 1
        """,
        {"dataset": ROLL_OF.get(code, "dibao_roll"), "month": month},
    ).fetchall()
    return [code for (code,) in rows]


def in_force(
    connection: duckdb.DuckDBPyConnection, month: str, code: str, band: str | None
) -> Decimal | None:
    """The value of a parameter in force in the month (_G11), or None."""
    rows = connection.execute(
        """
        select value from register.policy_param, work.month
        where work.month.month = $month and param_code = $code and coalesce(band, '') = coalesce($band, '')
            and valid_from <= month_end and (valid_to is null or valid_to > month_end)
        order by valid_from desc, register.policy_param.month desc, intake_no desc, decided_on desc nulls last
        limit 1
        """,
        {"month": month, "code": code, "band": band},
    ).fetchall()
    return rows[0][0] if rows else None


def _limit(connection, month: str, code: str, value: Decimal) -> pl.DataFrame:
    chosen = [rule for rule in rules() if code in rule.parameters]
    evaluate(connection, chosen)
    now = _flagged(connection, chosen)
    connection.execute(f"update threshold set {code} = $value", {"value": value})
    build_shared(connection, ["checked_asset", "burdened"])
    then = _flagged(connection, chosen)
    frame = pl.concat(
        [
            now.with_columns(effect=pl.lit("flagged_now")),
            then.with_columns(effect=pl.lit("flagged_then")),
        ]
    )
    none = pl.lit(None, pl.Decimal(18, 2)).alias("yuan")
    return with_reason(frame.with_columns(none)).sort("township_code", "effect")


def _flagged(connection, chosen) -> pl.DataFrame:
    find(connection, chosen)
    return connection.sql(
        """
        select township_code, count(distinct person_key) as people
        from lead_found join lead.evaluated using (rule_id, month, township_code)
        group by township_code
        """
    ).pl()


def _keep(connection, code: str, band: str | None, value: Decimal, frame: pl.DataFrame) -> None:
    run_no = connection.execute("select coalesce(max(run_no), 0) + 1 from lead.what_if").fetchall()[
        0
    ][0]
    now = dt.datetime.now(SHANGHAI).replace(tzinfo=None, microsecond=0)
    rows = [(run_no, now, month, code, band, value, *row) for month, *row in frame.iter_rows()]
    if rows:
        connection.executemany(
            "insert into lead.what_if values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
        )


def write_down(connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> int:
    """Put the newest run into the ledger, from which a rebuilt warehouse gets it back; returns its number."""
    rows = connection.execute(
        """
        select run_no, asked_at, month, param_code, band, value, township_code, effect, people, yuan
        from lead.what_if where run_no = (select max(run_no) from lead.what_if) order by all
        """
    ).fetchall()
    text = [[None if cell is None else str(cell) for cell in row] for row in rows]
    ledger.record(KEPT, {"rows": text})
    return rows[0][0] if rows else 0


def restore(connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Put into `lead.what_if` the runs that the ledger knows and the table does not."""
    known = {
        run_no
        for (run_no,) in connection.execute("select distinct run_no from lead.what_if").fetchall()
    }
    recorded = chain.from_iterable(event.body["rows"] for event in ledger.events(KEPT))
    lost = [row for row in recorded if int(row[0]) not in known]
    if lost:
        connection.executemany(
            "insert into lead.what_if values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", lost
        )


def happened(connection: duckdb.DuckDBPyConnection, run_no: int, later: str) -> pl.DataFrame:
    """A kept run of a standard against what happened from its last month to the month `later`, by township.

    Columns: township_code, said_yuan, happened_yuan (change of the month's benefit), people_before, people_later. No rows
    for a run of another kind. `MinzhengError` for a run that is not there.
    """
    if not connection.execute(
        "select 1 from lead.what_if where run_no = $run_no", {"run_no": run_no}
    ).fetchall():
        raise MinzhengError(f"there is no what-if run {run_no}", f"没有第 {run_no} 次测算")
    query = model("lead/what_if/happened").replace("{drawn}", model("lead/what_if/drawn"))
    return connection.sql(query, params={"run_no": run_no, "later": later}).pl()
