"""What an intake tells people: one line per file that needs somebody, a summary, and the facts behind `status`."""

import datetime as dt
from itertools import chain
from typing import TYPE_CHECKING

import click

from minzheng.contracts.calendar import expected_places
from minzheng.contracts.datasets import dataset
from minzheng.contracts.verdicts import ACCEPTED, VERDICTS
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.errors import printable
from minzheng.intake.places import places_told, receive_places, townships_at
from minzheng.intake.settings import reason_en, reason_zh
from minzheng.intake.verdict import State
from minzheng.months import months_between

if TYPE_CHECKING:
    from minzheng.intake.outcome import IntakeReport

FILE_KEYS = (
    "name", "sha256", "dataset", "month", "townships", "verdict", "rows_accepted",
    "rows_quarantined", "rows_not_data",
)  # fmt: skip
FILE_KEYS += ("amount_accepted", "reasons", "flags", "received_at")
HOW_TO_CONFIRM = "核实无误后运行：minzheng confirm {} --by 姓名"


def taken_for(name: str | None) -> str:
    """As what a refused file was read, behind its reasons; empty where that is not known."""
    return f"（按“{dataset(name).title.zh}”识别）" if name else ""


def problems(report: "IntakeReport") -> list[tuple[str, str]]:
    """One English and one Chinese line per file that was refused, is held or could not be read whole."""
    lines = []
    for file in report.refused:
        word, zh = ("held" if file.verdict == "hold" else "refused"), VERDICTS[file.verdict]
        name = printable(file.name)
        why = f"{'; '.join(reason_en(r) for r in file.reasons)} [{', '.join(file.reasons)}]"
        why += f" (taken for {file.dataset})" if file.dataset else ""
        reasons_zh = "；".join(map(reason_zh, file.reasons)) + (
            f"（{HOW_TO_CONFIRM.format(file.intake_no)}）"
            if file.verdict == "hold"
            else taken_for(file.dataset)
        )
        lines.append(
            (
                f"{word} {file.intake_no} {name}: {why}",
                f"{zh} {file.intake_no} {name}：{reasons_zh}",
            )
        )
    if report.clock:
        lines.append(
            (
                f"the clock says {report.clock}, which cannot be after the last intake: nothing is judged late by it; set it",
                f"本机时钟为 {report.clock}，与上次收件时间不符：本次不据此判定迟报，请校准时钟",
            )
        )
    for name in report.unstable:
        english, chinese = reason_en("file_changing"), reason_zh("file_changing")
        lines.append(
            (
                f"left for later {printable(name)}: {english}",
                f"留待下次 {printable(name)}：{chinese}",
            )
        )
    return lines


def replacements(report: "IntakeReport") -> list[tuple[str, str]]:
    """One English and one Chinese line per file that was taken and put others out of force."""
    lines = []
    for file in report.files:
        if file.replaces and file.verdict == "supersede":
            number, name, others = (
                file.intake_no,
                printable(file.name),
                "、".join(map(str, file.replaces)),
            )
            diff = next((flag for flag in file.flags if flag.startswith("diff:")), "diff:")
            english = f"taken {number} {name}: in force now instead of {others} ({diff.removeprefix('diff:')})"
            lines.append((english, f"更正 {number} {name}：替换收件号{others}，{reason_zh(diff)}"))
    return lines


def tell(report: "IntakeReport") -> int:
    """Print what was done; returns the exit status: 1 when a file was refused, is held or could not be read whole."""
    found = problems(report)
    for line in chain.from_iterable(found):
        click.echo(line, err=True)
    for line in chain(*replacements(report), report.summary):
        click.echo(line)
    return 1 if found else 0


def status(home: Home, month: str | None = None) -> dict:
    """What has arrived, what is missing, late, refused, quarantined; which months are released. Read from the ledger alone."""
    with Ledger(home) as ledger:
        verdicts, delivered = ledger.verdicts(), list(ledger.events("delivery"))
    state = State.of(verdicts)
    receive_places(places_told(state, verdicts))
    files = [_file_status(number, facts, state) for number, facts in sorted(verdicts.items())]
    known = sorted(
        {file["month"] for file in files if file["month"] and file["verdict"] in ACCEPTED}
    )
    months = [month] if month else months_between(known[0], known[-1]) if known else []
    shown = [file for file in files if month is None or file["month"] in (month, None)]
    told = [_month_status(home, month, verdicts, state, delivered) for month in months]
    return {"files": shown, "months": told}


def _file_status(number: int, facts: dict, state: State) -> dict:
    """The fields of the contract, and the number by which a held file is confirmed. Late is judged by today's cut-off.

    In force is a file while no later one covers all of its townships; its rows in force are those of the others.
    """
    file = {key: facts.get(key) for key in FILE_KEYS} | {"intake_no": number}
    townships = [slot[2] for slot in state.slots(number) if state.in_force(slot) == number]
    rows = facts.get("by_township") or {}
    whole = len(townships) == len(facts.get("townships") or [])
    file["in_force"] = bool(townships)
    file["rows_in_force"] = (
        file["rows_accepted"]
        if townships and whole
        else sum(rows[c][0] for c in townships if c in rows)
    )
    file["replaces"] = sorted(set((facts.get("replaces") or {}).values()))
    file["amount_accepted"] = (
        None if file["amount_accepted"] is None else float(file["amount_accepted"])
    )
    if file["month"] and file["verdict"] in (*ACCEPTED, "hold"):
        late = state.is_late(file["month"], dt.datetime.fromisoformat(file["received_at"]))
        file["flags"] = [flag for flag in file["flags"] if flag != "late"] + ["late"] * late
    return file


def _month_status(
    home: Home, month: str, verdicts: dict[int, dict], state: State, delivered: list
) -> dict:
    """One month: datasets received, missing (with the townships that lack) and late; open quarantine; products."""
    covered: dict[str, dict[str, int]] = {}
    first: dict[str, dict[str, str]] = {}
    for number, facts in sorted(verdicts.items()):
        if facts.get("month") == month and facts["verdict"] in ACCEPTED and facts.get("dataset"):
            for township in facts["townships"]:
                covered.setdefault(facts["dataset"], {})[township] = number
                earliest = first.setdefault(facts["dataset"], {})
                earliest[township] = min(
                    earliest.get(township, facts["received_at"]), facts["received_at"]
                )
    expected = expected_places(townships_at(month))
    missing = {name: sorted(codes - set(covered.get(name, {}))) for name, codes in expected.items()}
    late = {
        name: sorted(
            code
            for code, at in codes.items()
            if code in expected.get(name, ())
            and state.is_late(month, dt.datetime.fromisoformat(at))
        )
        for name, codes in first.items()
    }
    in_force = set().union(*(codes.values() for codes in covered.values()))
    releases = [
        path.name for path in (home.published / month).glob("r*") if path.name[1:].isdigit()
    ]
    held = [
        number
        for number, facts in verdicts.items()
        if facts["verdict"] == "hold" and facts.get("month") == month
    ]
    return {
        "month": month,
        "received": sorted(covered),
        "due": sum(map(len, expected.values())),
        "missing": {name: codes for name, codes in missing.items() if codes},
        "late": {name: codes for name, codes in late.items() if codes},
        "open_quarantine": sum(verdicts[number]["rows_quarantined"] for number in in_force),
        "held": held,
        "draft": (home.drafts / month).is_dir(),
        "releases": sorted(releases, key=lambda name: int(name[1:])),
        "delivery": next(
            (event.body["state"] for event in reversed(delivered) if event.body["month"] == month),
            None,
        ),
    }
