"""The verdict on a file that was read: in the light of what is in force and of the township's own month before."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from minzheng.contracts.calendar import calendar
from minzheng.contracts.verdicts import ACCEPTED
from minzheng.intake.settings import settings
from minzheng.months import add_months, month_end

if TYPE_CHECKING:
    from minzheng.intake.reading import Reading
    from minzheng.intake.replacing import Replacement

JUMPS = ("row_count_jump", "amount_jump")
Slot = tuple[str, str, str]
NOTHING = [0, 0.0, None]


@dataclass(frozen=True)
class Filed:
    """What an accepted file brought for one slot: its content's digest; rows, sum and usual amount of a row."""

    content: str | None
    counts: list


@dataclass
class State:
    """What was accepted, built from the ledger and kept up to date: the files of each dataset, township and month.

    The one with the greatest number is in force.
    """

    filed: dict[tuple[str, str], dict[str, dict[int, Filed]]] = field(default_factory=dict)
    cut_offs: dict[str, list] = field(
        default_factory=dict
    )  # by valid_from: valid_from, valid_to, decided_on, value
    _slots: dict[int, list[Slot]] = field(default_factory=dict)

    @classmethod
    def of(cls, verdicts: dict[int, dict]) -> "State":
        """The state that the ledger's verdicts make."""
        state = cls()
        for number, facts in sorted(verdicts.items()):
            state.add(number, facts)
        return state

    def add(self, intake_no: int, facts: dict) -> None:
        """Take what was decided of a file into account, in place of what was decided of it before."""
        self.drop(intake_no)
        if facts.get("verdict") not in ACCEPTED or not facts.get("dataset"):
            return
        self.cut_offs |= {row[0]: row for row in facts.get("params") or []}
        self._slots[intake_no] = [
            (facts["dataset"], facts["month"], township) for township in facts["townships"]
        ]
        for name, month, township in self._slots[intake_no]:
            counts = (facts.get("by_township") or {}).get(township, NOTHING)
            months = self.filed.setdefault((name, township), {})
            months.setdefault(month, {})[intake_no] = Filed(facts.get("content"), counts)

    def drop(self, intake_no: int) -> None:
        """Forget a file: the one before it is in force again."""
        for name, month, township in self._slots.pop(intake_no, []):
            months = self.filed[name, township]
            del months[month][intake_no]
            if not months[month]:
                del months[month]

    def in_force(self, slot: Slot, below: int | None = None) -> int | None:
        """The number of the file in force for a slot, of those below a number where one is given."""
        name, month, township = slot
        numbers = self.filed.get((name, township), {}).get(month, {})
        return max((number for number in numbers if below is None or number < below), default=None)

    def slots(self, intake_no: int) -> list[Slot]:
        """The slots that an accepted file fills."""
        return self._slots.get(intake_no, [])

    def is_late(self, month: str, received_at: dt.datetime) -> bool:
        """Whether a file came after the cut-off of its month: the end of that day of the next month (_G19)."""
        following = add_months(month, 1)
        return received_at.strftime("%Y-%m-%d") > f"{following}-{self.cut_off_day(following):02d}"

    def cut_off_day(self, month: str) -> int:
        """The day after which a file is late, by `report_cutoff_day` in force at the month's end (_G11), else the setting."""
        end = f"{month_end(month)}"
        valid = [
            row for row in self.cut_offs.values() if row[0] <= end and (not row[1] or row[1] > end)
        ]
        return (
            int(float(max(valid, key=lambda row: (row[0], row[2] or ""))[3]))
            if valid
            else calendar().cut_off_day
        )


def judge(
    reading: "Reading",
    state: State,
    intake_no: int,
    received_at: dt.datetime,
    compared: "Callable[[dict[str, int]], Replacement]",
    *,
    confirmed: bool = False,
) -> dict:
    """The facts of a verdict: verdict, counts, reasons and flags, as the ledger keeps and `status` shows them.

    `compared` tells what taking the file would change, given the files it would put out of force by township; it is
    asked only where there are any.
    """
    facts = {
        "dataset": reading.dataset,
        "month": reading.month,
        "scope": reading.scope,
        "townships": reading.townships,
        "rows_accepted": reading.accepted,
        "rows_quarantined": reading.quarantined,
        "rows_not_data": reading.not_data,
        "rows_around": reading.around,
        "amount_accepted": reading.amount,
        "amount_quarantined": reading.amount_quarantined,
        "persons_accepted": reading.persons,
        "persons_quarantined": reading.persons_quarantined,
        "totals": reading.totals,
        "places": reading.places,
        "params": reading.params,
        "standards": reading.standards,
        "largest": reading.largest,
        "absent": reading.absent,
        "by_township": reading.by_township,
        "content": reading.content,
        "reasons": list(reading.refused or reading.reasons),
        "flags": list(reading.flags),
        "received_at": received_at.isoformat(),
    }
    if reading.refused:
        facts |= {"crash": reading.crash} if reading.crash else {}
        return facts | {
            "verdict": "reject_file",
            "rows_accepted": 0,
            "rows_quarantined": 0,
            "rows_not_data": 0,
        }
    if is_duplicate(reading, state, intake_no):
        return facts | {
            "verdict": "duplicate",
            "reasons": ["same_content"],
            "rows_quarantined": 0,
            "rows_not_data": 0,
        }
    if state.is_late(reading.month, received_at):
        facts["flags"].append("late")
    replaced = replaced_by(reading, state, intake_no)
    replacement = compared(replaced) if replaced else None
    holds = [
        *reading.holds,
        *jumps_of(reading, state, intake_no),
        *(replacement.holds if replacement else []),
    ]
    if holds and not confirmed:
        told = [replacement.reason] if replacement else []
        return facts | {"verdict": "hold", "reasons": [*holds, *told, *facts["reasons"]]}
    facts["flags"] += ["confirmed"] if holds else []
    if replacement:
        facts["flags"].append(replacement.diff)
        return facts | {"verdict": "supersede", "replaces": replaced}
    return facts | {
        "verdict": "accept_partial" if reading.quarantined or reading.unread else "accept"
    }


def is_duplicate(reading: "Reading", state: State, intake_no: int) -> bool:
    """Whether everything that a file brings is in force already, by other files."""
    for township in reading.townships:
        months = state.filed.get((reading.dataset, township), {})
        others = {
            number: filed
            for number, filed in months.get(reading.month, {}).items()
            if number != intake_no
        }
        if not others or others[max(others)].content != reading.content:
            return False
    return bool(reading.townships)


def replaced_by(reading: "Reading", state: State, intake_no: int) -> dict[str, int]:
    """The earlier files that a file puts out of force, by township."""
    slots = {township: (reading.dataset, reading.month, township) for township in reading.townships}
    found = {township: state.in_force(slot, intake_no) for township, slot in slots.items()}
    last = {township: state.in_force(slot) for township, slot in slots.items()}
    return {
        code: number
        for code, number in found.items()
        if number is not None and last[code] <= intake_no
    }


def jumps_of(reading: "Reading", state: State, intake_no: int) -> list[str]:
    """The jumps of a file in any township: against what is in force of its month, and against the latest month before.

    A jump against the month before that the file in force has as well was confirmed with that.
    """
    found: set[str] = set()
    for township in reading.townships:
        months = state.filed.get((reading.dataset, township), {})
        now = reading.by_township.get(township, NOTHING)
        of_month = _counts(months.get(reading.month, {}), intake_no)
        found |= _jumps(now, of_month) if of_month else set()
        earlier = max((month for month in months if month < reading.month), default=None)
        if earlier and reading.dataset in settings().hold.against_last_month:
            last = _counts(months[earlier])
            found |= _jumps(now, last) - (_jumps(of_month, last) if of_month else set())
    return sorted(found, reverse=True)


def _counts(files: dict[int, Filed], below: int | None = None) -> list | None:
    number = max((number for number in files if below is None or number < below), default=None)
    return files[number].counts if number is not None else None


def _jumps(now: list, before: list) -> set[str]:
    """Rows multiplied, divided or gone; money, or the usual amount of a row, multiplied, divided or gone with rows left."""
    found = {"row_count_jump"} if _jumped(now[0], before[0], settings().hold.none_from) else set()
    money = [(now[1], before[1]), (now[2] or 0.0, before[2] or 0.0)]
    if now[0] and any(_jumped(amount, former, 0.01) for amount, former in money):
        found.add("amount_jump")
    return found


def _jumped(now: float, before: float, none_from: float) -> bool:
    if not now or not before:
        return not now and before >= none_from
    return max(now / before, before / now) >= settings().hold.factor
