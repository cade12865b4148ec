"""Outcomes: what townships found, in an append-only table; answers that differ are a conflict, not overwritten."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import duckdb

from minzheng.leads.cases import outcome_codes, rebuild_cases


@dataclass(frozen=True)
class Answer:
    """One filled-in row: the case, the list it answers, the code, the day, and the last entry its author had seen."""

    row_no: int
    case_id: str
    month: str
    code: str
    decided_on: dt.date
    seen: int = 0


@dataclass(frozen=True)
class Recorded:
    """What became of the answers: how many are new or known already, which are in conflict or of no known case."""

    new: int
    unchanged: int
    conflicts: tuple[Answer, ...]
    unknown: tuple[Answer, ...]


def record(connection: duckdb.DuckDBPyConnection, answers: Sequence[Answer], source: str = "") -> Recorded:
    """Append the answers and bring the cases up to date.

    An answer equal to the last entry of its case changes nothing. One that differs from an entry its author had not seen
    (`seen` is older) is a conflict: it is reported and not written. KeyError for a code that is not in the list.
    """
    known = {case_id for (case_id,) in connection.execute("select case_id from lead.case").fetchall()}
    last = last_entries(connection, {answer.case_id for answer in answers})
    new, unchanged, conflicts = [], 0, []
    for answer in answers:
        outcome_codes()[answer.code]
        if answer.case_id not in known:
            continue
        number, code, decided_on = last.get(answer.case_id, (0, None, None))
        if (code, decided_on) == (answer.code, answer.decided_on):
            unchanged += 1
        elif number > answer.seen:
            conflicts.append(answer)
        else:
            new.append(answer)
    if new:
        append(connection, new, source)
        rebuild_cases(connection, [min(answer.month for answer in new)])
    unknown = tuple(answer for answer in answers if answer.case_id not in known)
    return Recorded(len(new), unchanged, tuple(conflicts), unknown)


def last_entries(connection: duckdb.DuckDBPyConnection, case_ids: set[str]) -> dict[str, tuple[int, str, dt.date]]:
    """The last entry of each case: number, code, day."""
    rows = connection.execute(
        "select case_id, outcome_no, code, decided_on from lead.outcome order by outcome_no"
    ).fetchall()
    return {case_id: (number, code, day) for case_id, number, code, day in rows if case_id in case_ids}


def append(connection: duckdb.DuckDBPyConnection, answers: Sequence[Answer], source: str) -> None:
    """Write the answers behind the last entry, in one transaction."""
    now = dt.datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None, microsecond=0)
    connection.begin()
    try:
        for answer in answers:
            connection.execute(
                """
                insert into lead.outcome
                select (select coalesce(max(outcome_no), 0) + 1 from lead.outcome), case_id, rule_id, person_key,
                    township_code, $month, $code, $decided_on, $now, $source
                from lead.case where case_id = $case_id
                """,
                {
                    "month": answer.month,
                    "code": answer.code,
                    "decided_on": answer.decided_on,
                    "now": now,
                    "source": source,
                    "case_id": answer.case_id,
                },
            )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
