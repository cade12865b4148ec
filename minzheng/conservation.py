"""The check-up: every file archived with one verdict, ledger = warehouse, releases as they were signed.

Each function returns the faults it found as (English, Chinese) lines; an empty list is health. Nothing is changed.
"""

from collections import Counter

import duckdb

from minzheng.home import Home
from minzheng.ledger import Ledger

Fault = tuple[str, str]
COUNTED = ("rows_accepted", "rows_quarantined", "rows_not_data")


def ledger_faults(home: Home) -> list[Fault]:
    """The chain of hashes holds, and every file received has its bytes in the vault and exactly one verdict in force."""
    from minzheng.vault import archived_path

    faults = []
    with Ledger(home) as ledger:
        broken = ledger.check()
        if broken:
            faults.append((f"the ledger's chain breaks at line {broken}", f"台账第{broken}行的校验链断开"))
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
    rows = connection.execute(f"select intake_no, verdict, dataset, {', '.join(COUNTED)} from raw.file").fetchall()
    faults, seen = [], Counter(row[0] for row in rows)
    for number in sorted(set(told) - set(seen) - gone):
        faults.append((f"file {number} is in the ledger, not in the warehouse", f"文件{number}有台账记录,仓库中没有"))
    for number in sorted(set(seen) - set(told)):
        faults.append((f"file {number} is in the warehouse, not in the ledger", f"文件{number}在仓库中,台账没有记录"))
    faults += [
        (f"file {n} is in the warehouse {k} times", f"文件{n}在仓库中出现{k}次") for n, k in seen.items() if k > 1
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
    from minzheng.contracts import dataset_names
    from minzheng.state import ACCEPTED

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


def release_faults(home: Home) -> list[Fault]:
    """Every frozen release is byte for byte what was signed."""
    from minzheng.publish.found import revisions
    from minzheng.publish.manifest import verify

    faults = []
    for one in revisions(home):
        for name, folder in one.editions.items():
            if found := verify(folder):
                place = f"{one.month}/r{one.number}"
                faults.append(
                    (
                        f"release {place} {name}: {len(found)} faults",
                        f"发布{place}（{name}）:{len(found)}处与签发时不符",
                    )
                )
    return faults


def faults(home: Home, connection: duckdb.DuckDBPyConnection) -> list[Fault]:
    """All of them."""
    return [*ledger_faults(home), *warehouse_faults(home, connection), *release_faults(home)]
