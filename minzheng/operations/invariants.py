"""What must hold in a home at any time: every file archived with one verdict, ledger = warehouse = releases, nothing unseen.

Each function is one law and returns the faults it found as (English, Chinese) lines; an empty list is health. Nothing is
changed.
"""

import datetime as dt
import time
from collections import Counter
from itertools import chain

import duckdb

from minzheng.contracts.datasets import dataset_names
from minzheng.contracts.verdicts import ACCEPTED
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.custody.vault import archived_path
from minzheng.custody.writer import left_over
from minzheng.errors import printable
from minzheng.intake.account import unbalanced
from minzheng.intake.landing import arrivals
from minzheng.publish.release import frozen
from minzheng.publish.release.manifest import read_manifest
from minzheng.publish.release.published import revisions

Fault = tuple[str, str]
UNSAVED_DAYS = 8
"""How long what was received may be in no backup: a nightly or weekly one was missed, and nobody saw it."""
COUNTED = ("rows_accepted", "rows_quarantined", "rows_not_data")


def ledger_faults(home: Home) -> list[Fault]:
    """The chain of hashes holds, and every file received has its bytes in the vault and exactly one verdict in force."""

    faults = []
    with Ledger(home) as ledger:
        broken = ledger.check()
        if broken:
            faults.append(
                (f"the ledger's chain breaks at line {broken}", f"台账第{broken}行的校验链断开")
            )
        verdicts, received = ledger.verdicts(), ledger.received()
        gone = {event.intake_no for event in ledger.events("shredded")}
    for number, event in received.items():
        if number not in verdicts:
            faults.append((f"file {number} has no verdict", f"文件{number}没有核验结论"))
        regular = event.body.get("regular", True) and event.sha256
        if regular and number not in gone and not archived_path(home, event.sha256).is_file():
            faults.append((f"file {number} is not in the vault", f"文件{number}不在档案库中"))
    return faults


def warehouse_faults(home: Home, connection: duckdb.DuckDBPyConnection) -> list[Fault]:
    """What the ledger says of every file is what the warehouse says, and as many rows lie there as were accepted."""
    with Ledger(home) as ledger:
        told = {number: facts for number, facts in ledger.verdicts().items()}
        gone = {event.intake_no for event in ledger.events("shredded")}
    rows = connection.execute(
        f"select intake_no, verdict, dataset, {', '.join(COUNTED)} from raw.file"
    ).fetchall()
    faults, seen = [], Counter(row[0] for row in rows)
    for number in sorted(set(told) - set(seen) - gone):
        faults.append(
            (
                f"file {number} is in the ledger, not in the warehouse",
                f"文件{number}有台账记录,仓库中没有",
            )
        )
    for number in sorted(set(seen) - set(told)):
        faults.append(
            (
                f"file {number} is in the warehouse, not in the ledger",
                f"文件{number}在仓库中,台账没有记录",
            )
        )
    faults += [
        (f"file {n} is in the warehouse {k} times", f"文件{n}在仓库中出现{k}次")
        for n, k in seen.items()
        if k > 1
    ]
    for number, verdict, _, *counts in rows:
        facts = told.get(number)
        if facts and (verdict, *counts) != (facts["verdict"], *(facts[name] for name in COUNTED)):
            faults.append(
                (
                    f"file {number}: counts differ between ledger and warehouse",
                    f"文件{number}:台账与仓库的行数或结论不一致",
                )
            )
    return faults + _row_faults(connection)


def _row_faults(connection: duckdb.DuckDBPyConnection) -> list[Fault]:
    """Rows of each accepted file in its raw table against `rows_accepted`."""

    faults = []
    for name in dataset_names():
        differing = connection.execute(
            f"""
            with lying as (select intake_no, count(*) as n from raw.{name} group by intake_no)
            select file.intake_no, coalesce(lying.n, 0), file.rows_accepted
            from raw.file as file left join lying using (intake_no)
            where file.dataset = $name and file.verdict in (select unnest($accepted))
              and coalesce(lying.n, 0) <> file.rows_accepted
            order by 1
            """,
            {"name": name, "accepted": list(ACCEPTED)},
        ).fetchall()
        for number, lying, accepted in differing:
            faults.append(
                (
                    f"file {number}: {accepted} rows accepted, {lying} in raw.{name}",
                    f"文件{number}:接收{accepted}行,raw.{name}中有{lying}行",
                )
            )
    return faults


def balance_faults(home: Home, connection: duckdb.DuckDBPyConnection) -> list[Fault]:
    """Rows, persons and yuan of every accepted file lie in its table as its verdict says, and rows in = rows accounted for."""
    with Ledger(home) as ledger:
        verdicts = ledger.verdicts()
        parsed = {event.intake_no: event.body for event in ledger.events("parsed")}
        gone = {event.intake_no for event in ledger.events("shredded")}
    kept = [facts for number, facts in verdicts.items() if number not in gone]
    faults = [
        (
            f"file {number}: rows, persons and yuan in the warehouse differ from the verdict",
            f"文件{number}:仓库中的行数、人数或金额与结论不一致",
        )
        for number, *_ in unbalanced(connection, kept, dataset_names())
    ]
    for number, read in parsed.items():
        facts = verdicts.get(number, {})
        if facts.get("verdict") in ACCEPTED and any(read[name] != facts[name] for name in COUNTED):
            faults.append(
                (
                    f"file {number}: read and judged counts differ",
                    f"文件{number}:读取与结论的行数不一致",
                )
            )
    return faults


def release_faults(home: Home) -> list[Fault]:
    """Every release is there, byte for byte what was recorded and signed, and none that was not."""
    return list(frozen.faults(home))


def trail_faults(home: Home) -> list[Fault]:
    """The trail as it was when a release was signed is still the beginning of the trail."""
    with Ledger(home) as ledger:
        heads = set(ledger.heads()) | {""}
    return [
        (
            f"release {one.name}: the trail that was signed into it is cut or changed",
            f"发布{one.name}:签入其中的操作记录已被截短或改动",
        )
        for one in revisions(home)
        if read_manifest(one.main).content.get("trail", "") not in heads
    ]


def delivery_faults(home: Home) -> list[Fault]:
    """Nothing is handed to a recipient twice without a failure, or a person who ordered it, in between."""
    handed, faults = set(), []
    with Ledger(home) as ledger:
        for event in ledger.events("delivery"):
            told = (event.body["package"], event.body["recipient"])
            if event.body["step"] == "handed" and told in handed:
                faults.append(
                    (f"{told[0]} was handed to {told[1]} twice", f"{told[0]} 向 {told[1]} 重复发送")
                )
            if event.body["step"] == "handed":
                handed.add(told)
            elif event.body["step"] in ("failed", "resent"):
                handed.discard(told)
    return faults


def latest_faults(home: Home) -> list[Fault]:
    """A reader who follows `latest` sees the newest release, whole."""
    newest, link = frozen.folders(home)[-1:], home.published / "latest"
    if newest and link.resolve() != newest[0].resolve():
        return [
            (
                "published/latest does not point at the newest release: run `minzheng doctor --repair`",
                "published/latest 未指向最新发布:请运行 minzheng doctor --repair",
            )
        ]
    return []


def waiting_faults(home: Home) -> list[Fault]:
    """No file lies in landing unseen: each that came before yesterday has its receipt."""
    with Ledger(home) as ledger:
        known = {event.body["path"] for event in ledger.received().values()}
    since = time.time() - 86400
    waiting = [
        one.name
        for one in arrivals(home.landing)
        if one.name not in known and one.path.lstat().st_ctime < since
    ]
    return [
        (
            f"{printable(name)} waits in landing: run `minzheng run`",
            f"{printable(name)} 尚未收取:请运行 minzheng run",
        )
        for name in waiting
    ]


def backup_faults(home: Home) -> list[Fault]:
    """Whatever was received is in a backup before it is `UNSAVED_DAYS` days old."""
    with Ledger(home) as ledger:
        acts = [event for event in ledger.events("act") if event.body["what"] == "backup"]
        last = max((event.at for event in acts), default="")
        unsaved = [event.at for event in ledger.received().values() if event.at > last]
    oldest = min(unsaved, default="")
    if (
        not oldest
        or dt.datetime.fromisoformat(oldest).timestamp() > time.time() - UNSAVED_DAYS * 86400
    ):
        return []
    return [
        (
            f"nothing received since {oldest[:10]} is in a backup: run `minzheng backup`, and see why it does not run by itself",
            f"{oldest[:10]}以来收到的文件没有备份:请运行 minzheng backup,并查明定时备份为何未运行",
        )
    ]


def clock_faults(home: Home) -> list[Fault]:
    """The clock was right at the last intake."""
    with Ledger(home) as ledger:
        last = [*ledger.received().values()][-1:]
    return [
        (
            f"the clock said {event.body['clock']} at the last intake, which cannot be: set it",
            f"上次收件时本机时钟为 {event.body['clock']},与此前收件时间不符:请校准时钟",
        )
        for event in last
        if event.body.get("clock")
    ]


def leftover_faults(home: Home) -> list[Fault]:
    """Nothing half-written lies about: what a killed writer left is swept by the next one."""
    return [
        (
            f"{path.relative_to(home.path)} was left by a killed process",
            f"{path.relative_to(home.path)} 是中断留下的残件",
        )
        for path in left_over(home)
    ]


def faults(home: Home, connection: duckdb.DuckDBPyConnection) -> list[Fault]:
    """Everything that does not hold in the home."""
    found = [one(home) for one in ABOUT_HOME] + [one(home, connection) for one in ABOUT_WAREHOUSE]
    return list(chain.from_iterable(found))


ABOUT_HOME = (
    ledger_faults, release_faults, trail_faults, delivery_faults, latest_faults, waiting_faults,
    backup_faults, clock_faults, leftover_faults,
)  # fmt: skip
ABOUT_WAREHOUSE = (warehouse_faults, balance_faults)
