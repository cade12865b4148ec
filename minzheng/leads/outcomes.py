"""Outcomes: what townships found, in an append-only table; answers that differ are a conflict, not overwritten."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from minzheng.custody.ledger import SHANGHAI
from minzheng.leads.cases import outcome_codes, rebuild_cases
from minzheng.warehouse.connection import transaction

CONFLICTS = {
    "disagrees": "规则或证件号码与该行线索编号不符(可能是排序或粘贴错行),请按原表重填",
    "differs": "与已有答复不一致",
    "closed": "线索已办结,答复与办结结果不一致",
    "elsewhere": "不是本乡镇的线索",
    "unknown": "查无此线索或清单月份(可能已因数据更正撤销)",
}
ENTRY = {
    "outcome_no": pl.Int64,
    "case_id": pl.String,
    "rule_id": pl.String,
    "person_key": pl.String,
    "township_code": pl.String,
    "month": pl.String,
    "code": pl.String,
    "decided_on": pl.Date,
    "recorded_at": pl.Datetime("us"),
    "source": pl.String,
    "note": pl.String,
}


@dataclass(frozen=True)
class Answer:
    """One filled-in row: the case, the list it answers, the code, the day, the last entry its author had seen, the note.

    `agrees`: the rule and the masked number in the row are those of the case.
    """

    row_no: int
    case_id: str
    month: str
    code: str
    decided_on: dt.date
    seen: int = 0
    note: str = ""
    agrees: bool = True


@dataclass(frozen=True)
class Recorded:
    """What became of the answers: how many are new or known already; (kind of `CONFLICTS`, answer) of those not written."""

    new: int
    unchanged: int
    conflicts: tuple[tuple[str, Answer], ...]


def record(
    connection: duckdb.DuckDBPyConnection,
    answers: Sequence[Answer],
    source: str = "",
    *,
    township: str | None = None,
    notes: Mapping[int, str] | None = None,
    keep: Callable[[pl.DataFrame], object] = lambda entries: None,
) -> Recorded:
    """Append the answers and bring the cases up to date.

    An answer equal to the last entry of its case changes nothing. One that differs from an entry its author had not seen
    (`seen` is older) is a conflict: it is reported and not written; so is one about a case of another township than
    `township`, one about a case or list that is not there, and one whose row shows another person or rule. `notes`: the notes kept so far by entry number. `keep` is
    given the new entries (`ENTRY`) before the warehouse is. KeyError for a code that is not in the list.
    """
    known = _known_cases(connection)
    last = last_entries(connection, {answer.case_id for answer in answers})
    new, unchanged, conflicts = [], 0, []
    for answer in answers:
        outcome_codes()[answer.code]
        entry = last.get(answer.case_id, (0, None, None))
        verdict = _judge(
            answer, known.get(answer.case_id), township, entry, (notes or {}).get(entry[0], "")
        )
        if verdict == "new":
            new.append(answer)
        elif verdict == "unchanged":
            unchanged += 1
        else:
            conflicts.append((verdict, answer))
    if new:
        entries = _entries(connection, new, source)
        keep(entries)
        append(connection, entries)
        rebuild_cases(connection, [min(answer.month for answer in new)])
    return Recorded(len(new), unchanged, tuple(conflicts))


def _judge(
    answer: Answer, case: tuple | None, township: str | None, entry: tuple, note: str
) -> str:
    """`new`, `unchanged` or the kind of conflict."""
    if not answer.agrees:
        return "disagrees"
    if case is None or not case[1] <= answer.month <= case[2]:
        return "unknown"
    if township is not None and case[0] != township:
        return "elsewhere"
    number, code, decided_on = entry
    if (code, decided_on) == (answer.code, answer.decided_on):
        return "unchanged" if answer.note in ("", note) else "new"
    if number > answer.seen:
        return "closed" if outcome_codes()[code].closes else "differs"
    return "new"


def _known_cases(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str, str]]:
    """Case id to township, first month and the month as at which cases stand now."""
    query = "select case_id, township_code, first_month, month from lead.case"
    return {case_id: rest for case_id, *rest in connection.execute(query).fetchall()}


def last_entries(
    connection: duckdb.DuckDBPyConnection, case_ids: set[str]
) -> dict[str, tuple[int, str, dt.date]]:
    """The last entry of each case: number, code, day."""
    rows = connection.execute(
        "select case_id, outcome_no, code, decided_on from lead.outcome order by outcome_no"
    ).fetchall()
    return {
        case_id: (number, code, day) for case_id, number, code, day in rows if case_id in case_ids
    }


def _entries(
    connection: duckdb.DuckDBPyConnection, answers: Sequence[Answer], source: str
) -> pl.DataFrame:
    """The answers as numbered entries, behind the last one there is."""
    now = dt.datetime.now(SHANGHAI).replace(tzinfo=None, microsecond=0)
    query = "select case_id, rule_id, person_key, township_code from lead.case"
    cases = {case_id: (case_id, *rest) for case_id, *rest in connection.execute(query).fetchall()}
    number = connection.execute("select coalesce(max(outcome_no), 0) from lead.outcome").fetchall()[
        0
    ][0]
    rows = [
        (number + place, *cases[a.case_id], a.month, a.code, a.decided_on, now, source, a.note)
        for place, a in enumerate(answers, start=1)
    ]
    return pl.DataFrame(rows, schema=ENTRY, orient="row")


def append(connection: duckdb.DuckDBPyConnection, entries: pl.DataFrame) -> None:
    """Write entries (`ENTRY`) into the table, in one transaction; their notes stay outside the warehouse."""
    with transaction(connection):
        rows = entries.drop("note").rows()
        connection.executemany(
            "insert into lead.outcome values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
        )
