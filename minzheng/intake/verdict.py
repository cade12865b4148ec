"""The verdict on a file that was read: in the light of what is in force and of the township's own history."""

import datetime as dt
from dataclasses import dataclass, field
from math import sqrt
from statistics import median

from minzheng.intake.reading import Reading
from minzheng.intake.settings import settings
from minzheng.months import add_months, month_end

ACCEPTED = ("accept", "accept_partial", "supersede")
Slot = tuple[str, str, str]


@dataclass
class State:
    """What is in force, built from the ledger and kept up to date: the latest file of each dataset, month and township."""

    in_force: dict[Slot, tuple[int, str | None]] = field(default_factory=dict)
    history: dict[tuple[str, str], dict[str, tuple[int, list]]] = field(default_factory=dict)
    cutoffs: dict[str, list] = field(
        default_factory=dict
    )  # by valid_from: valid_from, valid_to, decided_on, value

    def add(self, intake_no: int, facts: dict) -> None:
        """Take an accepted file into account; a lower number than the one in force changes nothing."""
        if facts.get("verdict") not in ACCEPTED or not facts.get("dataset"):
            return
        self.cutoffs |= {row[0]: row for row in facts.get("params") or []}
        for township in facts["townships"]:
            slot = (facts["dataset"], facts["month"], township)
            if self.in_force.get(slot, (0, None))[0] > intake_no:
                continue
            self.in_force[slot] = (intake_no, facts.get("content"))
            counts = (facts.get("by_township") or {}).get(township, [0, 0.0, None])
            self.history.setdefault((facts["dataset"], township), {})[facts["month"]] = (
                intake_no,
                counts,
            )

    def is_late(self, month: str, received_at: dt.datetime) -> bool:
        """Whether a file came after the cut-off of its month: the end of that day of the next month (_G19)."""
        following = add_months(month, 1)
        return received_at.strftime("%Y-%m-%d") > f"{following}-{self.cutoff_day(following):02d}"

    def cutoff_day(self, month: str) -> int:
        """The day after which a file is late, by `report_cutoff_day` in force at the month's end (_G11), else the setting."""
        end = f"{month_end(month)}"
        valid = [
            row for row in self.cutoffs.values() if row[0] <= end and (not row[1] or row[1] > end)
        ]
        return (
            int(float(max(valid, key=lambda row: (row[0], row[2] or ""))[3]))
            if valid
            else settings().cutoff_day
        )

    def slots(self, reading: Reading) -> list[Slot]:
        """The slots that a file would fill."""
        return [(reading.dataset, reading.month, township) for township in reading.townships]


def judge(
    reading: Reading,
    state: State,
    intake_no: int,
    received_at: dt.datetime,
    *,
    confirmed: bool = False,
) -> dict:
    """The facts of a verdict: verdict, counts, reasons and flags, as the ledger keeps and `status` shows them."""
    facts = {
        "dataset": reading.dataset,
        "month": reading.month,
        "scope": reading.scope,
        "townships": reading.townships,
        "rows_accepted": reading.accepted,
        "rows_quarantined": reading.quarantined,
        "rows_not_data": reading.not_data,
        "amount_accepted": reading.amount,
        "amount_quarantined": reading.amount_quarantined,
        "persons_accepted": reading.persons,
        "persons_quarantined": reading.persons_quarantined,
        "totals": reading.totals,
        "places": reading.places,
        "params": reading.params,
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
    earlier = [state.in_force.get(slot) for slot in state.slots(reading)]
    if earlier and all(found and found[1] == reading.content for found in earlier):
        return facts | {
            "verdict": "duplicate",
            "reasons": ["same_content"],
            "rows_quarantined": 0,
            "rows_not_data": 0,
        }
    if state.is_late(reading.month, received_at):
        facts["flags"].append("late")
    jumps = jumps_of(reading, state)
    if jumps and not confirmed:
        return facts | {"verdict": "hold", "reasons": jumps + facts["reasons"]}
    facts["flags"] += ["confirmed"] if jumps else []
    replaced = dict(zip(reading.townships, earlier, strict=True))
    replaced = {
        code: found[0] for code, found in replaced.items() if found and found[0] < intake_no
    }
    if replaced:
        return facts | {"verdict": "supersede", "replaces": replaced}
    return facts | {"verdict": "accept_partial" if reading.quarantined else "accept"}


def jumps_of(reading: Reading, state: State) -> list[str]:
    """The jumps of a file against the history of each township it covers, earlier months of the same dataset."""
    if reading.dataset not in settings().hold.datasets:
        return []
    found = set()
    for township in reading.townships:
        months = state.history.get((reading.dataset, township), {})
        past = [months[month][1] for month in sorted(months) if month < reading.month][
            -settings().hold.window :
        ]
        if len(past) >= settings().hold.earlier_months:
            found |= _jumps(reading.by_township.get(township, [0, 0.0, None]), past)
    return sorted(found, reverse=True)


def _jumps(now: list, past: list[list]) -> set[str]:
    """Rows far outside the months seen; or the usual amount of a row far from what it was."""
    hold, found = settings().hold, set()
    counts = [rows for rows, *_ in past]
    usual, noise = median(counts), hold.noise * (1 + sqrt(median(counts)))
    above = (
        now[0] > hold.factor * usual
        and now[0] > hold.over_largest * max(counts)
        and now[0] > usual + noise
    )
    below = (
        now[0] * hold.factor < usual
        and now[0] * hold.over_largest < min(counts)
        and now[0] < usual - noise
    )
    if above or below:
        found.add("row_count_jump")
    amounts = [usual_amount for _, _, usual_amount in past if usual_amount]
    if now[2] and len(amounts) >= hold.earlier_months:
        largest, smallest = hold.amount_factor * max(amounts), min(amounts) / hold.amount_factor
        if now[2] > largest or now[2] < smallest:
            found.add("amount_jump")
    return found
