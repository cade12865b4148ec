"""The standards in force as parameter files tell them, and which amounts no programme can pay (`amount_range`)."""

from collections.abc import Iterable, Sequence
from functools import cache

import polars as pl

from minzheng.contracts.datasets import Dataset
from minzheng.intake.rules import ACTIVE, Fault
from minzheng.intake.settings import AmountRange, settings
from minzheng.intake.types import Masks
from minzheng.months import month_end

Standard = tuple[str, str | None, str, str | None, str]  # code, band, valid from, valid to, value
_received: list[Standard] = []


def receive_standards(standards: Iterable[Sequence]) -> None:
    """The standards that parameter files told so far; they hold until the next call."""
    wanted = [tuple(standard) for standard in standards]
    if wanted != _received:
        _received[:] = wanted
        highest.cache_clear()


@cache
def highest(code: str, month: str) -> float | None:
    """The highest monthly standard of a code at the month's end, over its bands (_G11), in yuan; None where none is loaded."""
    end, in_force = f"{month_end(month)}", {}
    for known, band, begin, stop, value in sorted(_received, key=lambda row: row[2]):
        if known == code and begin <= end and (not stop or stop > end):
            in_force[band] = float(value)
    yearly = 12 if code in settings().amounts_per_year else 1
    return max(in_force.values()) / yearly if in_force else None


def largest_payable(entry: AmountRange, code: str | None, month: str) -> float | None:
    """The largest amount that can be right for a standard, else by the contract's own limit; None where any may be."""
    standard = highest(code, month) if code else None
    return entry.limit if standard is None else settings().amount_times * standard


def amount_rules(contract: Dataset, frame: pl.DataFrame, month: str) -> tuple[list[Fault], Masks]:
    """Amounts that are negative outside 追回, or larger than any programme pays; zero for an active person is told and stays."""
    faults, flags = [], []
    for entry in settings().amount_ranges:
        if entry.dataset != contract.dataset or entry.column not in frame.columns:
            continue
        amount = frame[entry.column].cast(pl.Float64)
        groups = [(word, largest_payable(entry, code, month)) for word, code in _groups(entry)]
        least = min((most for _, most in groups if most is not None), default=amount.max())
        if amount.null_count() < len(amount) and amount.min() > 0 and amount.max() <= least:
            continue  # nothing is odd at first sight
        wrong = amount < 0
        if "payment_kind" in frame.columns:
            wrong = wrong & (frame["payment_kind"] != "追回").fill_null(True)
        for word, most in groups:
            if most is not None:
                wrong = wrong | (amount.abs() > most) & (
                    frame[entry.by] == word if entry.by else True
                )
        faults.append((entry.column, "amount_range", wrong.fill_null(False)))
        if entry.zero_is_told and "status" in frame.columns:
            flags.append(
                ("amount_zero", ((amount == 0) & frame["status"].is_in(ACTIVE)).fill_null(False))
            )
    return faults, flags


def _largest(frame: pl.DataFrame, entry: AmountRange) -> dict[str | None, float | None]:
    """The largest amount, by the word of its scheme."""
    amount = pl.col(entry.column).cast(pl.Float64).abs().max()
    if not entry.by:
        return {None: frame.select(amount).item()}
    return dict(frame.group_by(entry.by).agg(amount).rows())


def _groups(entry: AmountRange) -> list[tuple[str | None, str | None]]:
    """The words of a scheme with their standard; one group of all rows where nothing tells them apart."""
    return list(entry.standards.items()) if entry.by else [(None, entry.standard)]


def largest_seen(contract: Dataset, frame: pl.DataFrame) -> dict[str, float]:
    """The largest accepted amount by standard: whether a standard that comes later could change what was accepted."""
    found: dict[str, float] = {}
    for entry in settings().amount_ranges:
        if entry.dataset == contract.dataset and entry.column in frame.columns:
            seen = _largest(frame, entry)
            for word, code in _groups(entry):
                if code and seen.get(word) is not None:
                    found[code] = max(found.get(code, 0.0), seen[word])
    return found


def person_rules_of_counts(contract: Dataset, frame: pl.DataFrame) -> list[Fault]:
    """Counts of persons that are negative or absurd; what is no whole number is found while it is read."""
    limits = {
        name: most for name, most in settings().persons_ranges.items() if name in frame.columns
    }
    return [
        (name, "persons_range", ((frame[name] < 0) | (frame[name] > most)).fill_null(False))
        for name, most in limits.items()
        if contract.column(name)
    ]
