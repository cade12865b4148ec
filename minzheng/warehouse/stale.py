"""What must be computed: months whose files changed since they were last computed, found by state, not by ticks."""

import contextlib
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

import duckdb

from minzheng.contracts.calendar import calendar
from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.paths import OWN
from minzheng.contracts.regions import counties
from minzheng.contracts.verdicts import ACCEPTED
from minzheng.errors import MinzhengError, WrongCall
from minzheng.months import month_zh, months_between
from minzheng.warehouse.lake import definitions

Step = Literal["register", "lists", "pages"]
READ: dict[Step, tuple[str, ...]] = {
    "register": ("raw.file", "raw.quarantine", *(f"raw.{name}" for name in dataset_names())),
    "lists": (
        *("lead.lead", "lead.case_month", "lead.evaluated", "lead.unsure"),
        *("raw.quarantine", "raw.file", "register.coverage"),
        "indicator.observation where obs_status = 'U'",
    ),
    "pages": ("indicator.observation", "quality.outcome"),
}
"""What the steps read that need not be done for every later month after a correction; the others' models look back without a bound.

A month's page tells the months before it as well; register and lists of a month are made of that month's rows alone.
"""
OF_EARLIER_MONTHS = ("pages",)
OF_NO_MONTH = ("lists",)
"""A file that was refused before its month was known is on the list of the month that its name says."""
_REFERENCE = [name for name in dataset_names() if dataset(name).kind == "reference"]
_HELD = " union all ".join(
    f"select '{name}' as dataset, intake_no, left(cast(min({dataset(name).holds_from}) as varchar), 7) as since "
    f"from raw.{name} group by intake_no"
    for name in _REFERENCE
    if dataset(name).holds_from
)
"""Since which month, or year, the rows of a reference file hold."""


def fingerprints(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Each loaded month with a hash of every file that can reach its figures.

    A figure of a month reads files of that month and of earlier ones (year to date, histories, the month before) and files of
    reference datasets, whatever their month (a standard decided late holds for earlier months, _G11): all of them, unless the
    dataset says from when a row holds. The first file of such a dataset reaches every month, which lacked it.
    """
    rows = connection.execute(
        f"""
        with used as (
            select month, dataset, intake_no, sha256, rows_accepted
            from raw.file
            where verdict in (select unnest($accepted)) and month is not null
        ),
        loaded as (select distinct month from used where month >= $first),
        held as ({_HELD}),
        reaching as (
            select
                used.*,
                case
                    when dataset not in (select unnest($reference)) then month
                    when intake_no = min(intake_no) over (partition by dataset) then ''
                    else least(month, min(coalesce(since, '')) over (partition by dataset, month))
                end as reach
            from used
            left join held using (dataset, intake_no)
        )
        select loaded.month, md5(string_agg(used.sha256 || ':' || used.intake_no || ':' || used.rows_accepted, ',' order by used.intake_no))
        from loaded
        join reaching as used on used.reach <= loaded.month
        group by loaded.month
        """,
        {"accepted": list(ACCEPTED), "reference": _REFERENCE, "first": calendar().first_month},
    ).fetchall()
    return dict(rows)


NO_DRAFT = (
    "drafts no report: `minzheng intake` takes its files in, `minzheng counties --month` computes and compares, "
    "`minzheng aggregate` gathers its counties' editions",
    "不生成月报草稿：收件用 minzheng intake，各县指标计算和比较用 minzheng counties，汇总各县报州版用 minzheng aggregate",
)
"""What a home of several counties says where a report, pages and editions of one county are asked for."""


def refuse_several_counties(why: tuple[str, str] = NO_DRAFT) -> None:
    """`WrongCall` in a home of several counties; `why` in both languages, after its subject."""
    if len(counties()) > 1:
        raise WrongCall(f"a home of several counties {why[0]}", f"含多个县的数据目录{why[1]}")


def refuse_unreported(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """`MinzhengError` when no accepted file is there for any of the months: nothing could be computed but blanks."""
    if not set(fingerprints(connection)).intersection(months):
        raise MinzhengError(
            f"no accepted file for {months[0]}..{months[-1]}: nothing was computed",
            f"{months[0]} 至 {months[-1]} 没有可用的报送文件,未作计算",
        )


def refuse_uncomputed(connection: duckdb.DuckDBPyConnection) -> None:
    """`MinzhengError` while no month has been computed: there is nothing to show."""
    if not connection.execute("select 1 from indicator.observation limit 1").fetchall():
        raise MinzhengError(
            "no month has been computed yet: run `minzheng run --month YYYY-MM` first",
            "还没有计算过任何月份：请先运行 minzheng run --month 年-月",
        )


def refuse_month_uncomputed(connection: duckdb.DuckDBPyConnection, month: str) -> None:
    """`MinzhengError` while the month was never computed: an empty list would read as "there is nobody"."""
    if month not in computed(connection):
        raise MinzhengError(
            f"{month} has not been computed: run `minzheng run --month {month}` first",
            f"{month_zh(month)}尚未计算：请先运行 minzheng run --month {month}",
        )


def computed(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Each computed month with the fingerprint it was computed from."""
    return dict(connection.execute("select month, fingerprint from work.computed").fetchall())


def stale_months(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Loaded months that were never computed, or from other files than are there now."""
    known = computed(connection)
    return sorted(
        month for month, mark in fingerprints(connection).items() if known.get(month) != mark
    )


def waiting_months(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Stale months that are worth computing: not those that a blocking check stopped over the very files they have now."""
    stopped = dict(connection.execute("select month, fingerprint from work.stopped").fetchall())
    marks = fingerprints(connection)
    return [month for month in stale_months(connection) if stopped.get(month) != marks[month]]


def months_to_run(connection: duckdb.DuckDBPyConnection, first: str, last: str) -> list[str]:
    """The months a run for `first`..`last` computes: those asked for, earlier stale ones, and later ones computed before."""
    known = computed(connection)
    stale = [month for month in stale_months(connection) if month < last or month in known]
    return sorted({*months_between(first, last), *stale})


@contextlib.contextmanager
def narrowed(
    connection: duckdb.DuckDBPyConnection,
    step: Step,
    months: Sequence[str],
    asked: Collection[str],
) -> Iterator[list[str]]:
    """Of a run's `months` those that a step must do, which are remembered as done at the end.

    That are those `asked` for by name, those never done or made of other rows or by other contracts and models than when they
    were last done, and the newest, which the control room tells.
    """
    marks = _marks(connection, step)
    query = "select month, mark from work.done where step = $step"
    known = dict(connection.execute(query, {"step": step}).fetchall())
    found = [
        month
        for month in months
        if month in asked
        or month == months[-1]
        or month not in marks
        or known.get(month) != marks[month]
    ]
    yield found
    connection.execute(
        "delete from work.done where step = $step and month in (select unnest($months))",
        {"step": step, "months": found},
    )
    done = [(step, month, marks[month]) for month in found if month in marks]
    if done:
        connection.executemany("insert into work.done values (?, ?, ?)", done)


def changed(
    connection: duckdb.DuckDBPyConnection, month: str, texts: Mapping[str, str], *, whole: bool
) -> list[str]:
    """The names of those texts about a month that are not what they were, all of them if `whole`; they are remembered."""
    marks = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    query = (
        "select step, mark from work.done where month = $month and step in (select unnest($names))"
    )
    of_month = {"month": month, "names": list(marks)}
    known = dict(connection.execute(query, of_month).fetchall())
    found = [name for name in marks if whole or known.get(name) != marks[name]]
    at = {"month": month, "names": found}
    connection.execute(
        "delete from work.done where month = $month and step in (select unnest($names))", at
    )
    connection.execute(
        "insert into work.done select unnest($names), $month, unnest($marks)",
        at | {"marks": [marks[name] for name in found]},
    )
    return found


def _marks(connection: duckdb.DuckDBPyConnection, step: Step) -> dict[str, str]:
    """Each month with a hash of the rows that the step reads for it, and of what it reads them by."""
    rows = " union all ".join(
        f"select '{table}' as name, month, sum(hash(seen)) as mark from {table} as seen {chosen} group by month"
        for table, _, chosen in (one.partition(" ") for one in READ[step])
    )
    by_month = dict(
        connection.execute(
            "select month, string_agg(name || mark, ',' order by name) from "
            f"({rows}) as seen group by month order by month"
        ).fetchall()
    )
    of_none = by_month.pop(None, "")
    start = definitions(OWN) + (of_none if step in OF_NO_MONTH else "")
    marks, so_far = {}, start
    for month, mark in by_month.items():
        so_far = hashlib.sha256(f"{so_far}{mark}".encode()).hexdigest()
        marks[month] = so_far
        so_far = so_far if step in OF_EARLIER_MONTHS else start
    return marks


def mark_computed(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Remember what the months were computed from."""
    marks = fingerprints(connection)
    connection.execute(
        "delete from work.computed where month in (select unnest($months))",
        {"months": list(months)},
    )
    rows = [(month, marks.get(month, "")) for month in months]
    if rows:
        connection.executemany("insert into work.computed values (?, ?)", rows)


def mark_stopped(
    connection: duckdb.DuckDBPyConnection, months: Sequence[str], stopped: Sequence[str]
) -> None:
    """Remember which of the judged `months` a blocking check stopped, and over which files."""
    marks = fingerprints(connection)
    connection.execute(
        "delete from work.stopped where month in (select unnest($months))", {"months": list(months)}
    )
    for month in sorted(set(stopped)):
        connection.execute("insert into work.stopped values (?, ?)", [month, marks.get(month, "")])


def mark_drafted(
    connection: duckdb.DuckDBPyConnection, month: str, *, taken_away: bool = False
) -> None:
    """Remember what the month's draft was written from, or that it was taken away."""
    connection.execute("delete from work.drafted where month = $month", {"month": month})
    mark = "" if taken_away else computed(connection).get(month, "")
    connection.execute(
        "insert into work.drafted values ($month, $mark)", {"month": month, "mark": mark}
    )


def refuse_old_draft(connection: duckdb.DuckDBPyConnection, month: str) -> None:
    """`MinzhengError` when files that reach the month's figures came, went or were judged anew since its draft was written."""
    query = "select fingerprint from work.drafted where month = $month"
    drafted = connection.execute(query, {"month": month}).fetchall()
    now = fingerprints(connection).get(month)
    if now and [(now,)] != drafted:
        raise MinzhengError(
            f"the draft of {month} is older than the files accepted since: run `minzheng run --month {month}` first",
            f"{month} 的草稿早于其后接收的文件,不得发布:请先运行 minzheng run --month {month}",
        )


def waiting_drafts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Months whose draft must go or be written again: stopped since, free again, or the newest one with other figures now.

    A release holds the whole history, so that older drafts are not written again for figures that moved.
    """
    drafted = dict(connection.execute("select month, fingerprint from work.drafted").fetchall())
    stopped = {
        month
        for (month,) in connection.execute("select distinct month from work.blocked").fetchall()
    }
    marks, newest = computed(connection), max(drafted, default=None)
    return sorted(
        month
        for month, mark in drafted.items()
        if (
            mark != ""
            if month in stopped
            else mark == "" or (month == newest and marks.get(month) != mark)
        )
    )
