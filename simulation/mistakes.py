"""The mistakes offices make: bad rows, missing and late files, corrections, absent columns, files that must be refused."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath

import numpy as np
import polars as pl

from minzheng.contracts.regions import townships
from minzheng.months import add_months
from simulation import forms, identity, parameters
from simulation.filing import Filing, receipt

PEOPLE = ("dibao_roll", "elder_roll", "lowinc_register", "pwd_roll", "pwd_card", "tekun_roll")
PAID = ("dibao_roll", "elder_roll", "pwd_roll", "tekun_roll")
LISTS = ("dibao_roll", "elder_roll", "lowinc_register")
SPLIT = ("dibao_roll", "elder_roll", "lowinc_register", "community_care", "comprehensive_return")
ABSENT = (
    ("dibao_roll", ("disability_type", "disability_level")), ("dibao_roll", ("stop_reason",)), ("elder_roll", ("ability_grade",)),
    ("dibao_roll", ("income_per_head_year", "review_due_on", "reviewed_on")), ("elder_roll", ("alive_checked_on",)),
    ("pwd_card", ("injury_nursing_fee",)),
)  # fmt: skip
# kind of mistake: datasets, column, rule of the contract (_G03) that sends the row to quarantine
ROWS = {
    "check_digit": (PEOPLE, "person_id_no", "K01"),
    "placeholder_number": (PEOPLE, "person_id_no", "PLACEHOLDER"),
    "required_blank": (PAID, "bank_account", "REQUIRED"),
    "unknown_status": (PAID, "status", "CODE"),
    "birth_contradiction": (PEOPLE, "birth_date", "K04"),
    "township_contradiction": (PEOPLE, "township_name", "TOWNSHIP"),
    "unknown_region": (PEOPLE, "region_code", "K05"),
    "negative_payment": (("payment_ledger",), "amount_paid", "NEGATIVE"),
    "grant_before_application": (("temp_aid",), "applied_on", "GRANTED"),
    "wrong_type": (("dibao_roll", "elder_roll"), "monthly_amount", "TYPE"),
    "nursing_over_beds": (("care_facility",), "nursing_bed_count", "F01"),
    "visited_over_listed": (("community_care",), "special_elder_visited", "F09"),
    "duplicate_row": (("dibao_roll", "elder_roll", "pwd_roll"), "person_id_no", "K07"),
    "conflicting_key": (("dibao_roll", "pwd_roll"), "person_id_no", "K07"),
}
SPOILT = ("truncated", "empty", "html", "encrypted", "wrong_month", "missing_column", "wan_yuan")


@dataclass
class Submissions:
    """What was planted. `overrides`: uid to column to written text; `bad`: uid to (rule, column)."""

    filings: list[Filing]
    random: np.random.Generator
    overrides: dict[int, dict[str, str | None]] = field(default_factory=dict)
    bad: dict[int, tuple[str, str]] = field(default_factory=dict)
    next_uid: int = 10**12

    def quarantine(self, in_force: set[str]) -> pl.DataFrame:
        """File, sheet, row (counted by records, from 1), column and rule of every planted bad row of files not refused.

        `in_force` names the files that nothing later has replaced; the others' rows are closed by the correction.
        """
        rows = []
        for f in [f for f in self.filings if not f.refused]:
            sheet = "花名册" if f.style.form == "xlsx" else ""
            for uid in [uid for uid in f.places if uid in self.bad]:
                rule, column = self.bad[uid]
                rows.append((f.path, sheet, f.places[uid], column, rule, f.path in in_force))
        schema = {
            "file": pl.String,
            "sheet": pl.String,
            "row": pl.Int64,
            "column": pl.String,
            "rule": pl.String,
            "in_force": pl.Boolean,
        }
        return pl.DataFrame(rows, schema=schema, orient="row").sort("file", "row", "column")

    def choose(
        self, month: str, names: tuple[str, ...], *, township: bool = False
    ) -> Filing | None:
        """One of the month's files of these datasets, or None."""
        found = [
            f
            for f in self.filings
            if f.style.month == month and f.style.dataset in names and not f.refused
        ]
        found = [f for f in found if f.scope == "township"] if township else found
        return found[self.random.integers(len(found))] if found else None

    def times(self, mean: float) -> int:
        """How often: the whole part for certain, the rest by chance."""
        return int(mean) + int(self.random.random() < mean % 1)


def plant(filings: list[Filing], seed: int, faults: str) -> Submissions:
    """Plant the faults of a level; `none` leaves the files as they are."""
    submissions = Submissions(list(filings), np.random.default_rng([seed, 41]))
    if faults == "none":
        return submissions
    level = getattr(parameters.faults(), faults)
    for month in sorted({f.style.month for f in filings}):
        for mean, mistake in _mistakes(level, seed):
            for _ in range(submissions.times(mean)):
                mistake(submissions, month)
    return submissions


def _mistakes(level: parameters.FaultLevel, seed: int) -> Iterator[tuple[float, Callable]]:
    """How often a month has each mistake on average, and what makes it."""
    yield level.absent_column, _leave_out
    for kind, mean in level.rows.items():
        yield mean, partial(_spoil_row, kind=kind)
    yield level.missing_township, _leave_away
    yield level.late_file, partial(_come_late, seed=seed)
    yield level.correction, _correct
    yield level.refused, _spoil_any_way
    yield level.completed_later, partial(_complete_later, seed=seed)
    yield level.months_late, partial(_come_months_late, seed=seed)


def _leave_away(submissions: Submissions, month: str) -> None:
    """A township's file does not come."""
    gone = submissions.choose(month, SPLIT, township=True)
    submissions.filings = [f for f in submissions.filings if f is not gone]


def _come_late(submissions: Submissions, month: str, seed: int) -> None:
    """A township's file comes after the day on which it is due."""
    late = submissions.choose(month, SPLIT, township=True)
    if late:
        late.received = receipt(seed, late.style.dataset, month, late.style.place, late=True)


def _come_months_late(submissions: Submissions, month: str, seed: int) -> None:
    """A township's only file of the month comes months later."""
    late = submissions.choose(month, SPLIT, township=True)
    if late and len(_same_place(submissions, late)) == 1:
        late.received = _months_later(submissions, late, seed)


def _spoil_any_way(submissions: Submissions, month: str) -> None:
    _spoil_file(submissions, month, SPOILT[submissions.random.integers(len(SPOILT))])


def _leave_out(submissions: Submissions, month: str) -> None:
    """A file comes without some optional columns."""
    name, columns = ABSENT[submissions.random.integers(len(ABSENT))]
    chosen = submissions.choose(month, (name,))
    if chosen:
        chosen.style = replace(chosen.style, absent=chosen.style.absent | set(columns))


def _spoil_row(submissions: Submissions, month: str, kind: str) -> None:
    """One row of one file is written wrongly."""
    names, column, rule = ROWS[kind]
    chosen = submissions.choose(month, names)
    rows = None if chosen is None else _sound(submissions, chosen, kind)
    if rows is None or not len(rows):
        return
    row = rows.row(int(submissions.random.integers(len(rows))), named=True)
    if kind in ("duplicate_row", "conflicting_key"):
        _repeat(submissions, chosen, row, rule, same=kind == "duplicate_row")
        return
    submissions.overrides[row["uid"]] = {column: _wrong(kind, row)}
    submissions.bad[row["uid"]] = (rule, column)


def _sound(submissions: Submissions, chosen: Filing, kind: str) -> pl.DataFrame:
    """Rows not yet spoilt, each the only one of its person in the file."""
    rows = chosen.rows.filter(~pl.col("uid").is_in(list(submissions.bad)))
    if "person_id_no" in rows.columns:
        rows = rows.filter(
            pl.col("person_id_no").is_not_null()
            & (pl.len().over("person_id_no") == 1 if kind != "negative_payment" else True)
        )
    if kind == "negative_payment":
        rows = rows.filter((pl.col("payment_kind") == "基本") & (pl.col("amount_paid") > 0))
    return rows


def _wrong(kind: str, row: dict) -> str | None:
    """What the clerk wrote instead."""
    names = sorted(townships().values())
    return {
        "check_digit": lambda: identity.broken_number(row["person_id_no"]),
        "placeholder_number": lambda: "000000000000000000",
        "required_blank": lambda: None,
        "unknown_status": lambda: "情况不明",
        "birth_contradiction": lambda: (
            f"{row['birth_date'].year - 1}-{row['birth_date'].month:02d}-11"
        ),
        "township_contradiction": lambda: names[
            (names.index(row["township_name"]) + 1) % len(names)
        ],
        "unknown_region": lambda: row["region_code"][:9] + "888",
        "negative_payment": lambda: f"-{row['amount_paid']:.2f}",
        "grant_before_application": lambda: f"{row['granted_on'].year + 1}-01-15",
        "wrong_type": lambda: "约三百",
        "nursing_over_beds": lambda: str(row["bed_count"] + 5),
        "visited_over_listed": lambda: str(row["special_elder_listed"] + 4),
    }[kind]()


def _repeat(submissions: Submissions, chosen: Filing, row: dict, rule: str, *, same: bool) -> None:
    """The row stands there twice: exactly (the second one is bad), or with another account (both are)."""
    submissions.next_uid += 1
    again = chosen.rows.filter(pl.col("uid") == row["uid"]).with_columns(
        uid=pl.lit(submissions.next_uid, dtype=pl.Int64)
    )
    if not same:
        again = again.with_columns(bank_account=pl.lit("999988887777666655"))
        submissions.bad[row["uid"]] = (rule, "person_id_no")
    submissions.bad[submissions.next_uid] = (rule, "person_id_no")
    chosen.rows = pl.concat([chosen.rows, again.cast(dict(chosen.rows.schema))])


def _renamed(path: str, word: str, suffix: str | None = None) -> str:
    old = PurePosixPath(path)
    return str(old.with_name(f"{old.stem}{word}{suffix or old.suffix}"))


def _correct(submissions: Submissions, month: str) -> None:
    """A township's file had been sent before with two rows too few; what is sent again replaces it."""
    right = submissions.choose(month, LISTS, township=True)
    if right is None or len(right.rows) < 10 or right.path.count("更正"):
        return
    first = replace(right, rows=right.rows[2:], places={})
    right.received = right.received.replace(day=min(28, right.received.day + 2))
    right.path = _renamed(right.path, "(更正)")
    submissions.filings.append(first)


def _complete_later(submissions: Submissions, month: str, seed: int) -> None:
    """A township's list comes in time without some of its rows; the whole list comes one or two months later."""
    whole = submissions.choose(month, LISTS, township=True)
    if whole is None or len(whole.rows) < 10 or len(_same_place(submissions, whole)) > 1:
        return
    there = submissions.random.random(len(whole.rows)) < submissions.random.uniform(0.8, 0.95)
    first = replace(whole, rows=whole.rows.filter(pl.Series(there)), places={})
    whole.received = _months_later(submissions, whole, seed)
    whole.path = _renamed(whole.path, "(补报)")
    submissions.filings.append(first)


def _same_place(submissions: Submissions, one: Filing) -> list[Filing]:
    """The files of the same dataset, month and place."""
    here = (one.style.dataset, one.style.month, one.style.place)
    return [
        f for f in submissions.filings if (f.style.dataset, f.style.month, f.style.place) == here
    ]


def _months_later(submissions: Submissions, one: Filing, seed: int) -> dt.datetime:
    """When a file comes that should have come one or two months before."""
    return receipt(
        seed,
        one.style.dataset,
        add_months(one.style.month, int(submissions.random.integers(1, 3))),
        one.style.place,
    )


def _spoil_file(submissions: Submissions, month: str, kind: str) -> None:
    """A copy of a good file comes again in a form that must be refused, so that the good one stays in force."""
    good = submissions.choose(month, LISTS)
    if good is None:
        return
    later = good.received.replace(minute=59, second=58)
    style = replace(
        good.style, form="csv", encoding="utf-8", title=True, footer=False, totals=False
    )
    bad = replace(
        good,
        style=style,
        path=_renamed(good.path, f"(重报{len(submissions.filings)})", ".csv"),
        received=later,
        refused=True,
        places={},
        reason=kind,
    )
    if kind == "truncated":
        bad.content = forms.xlsx_bytes(forms.render(good.rows, style).drop("uid"), style)[:1500]
        bad.path = _renamed(bad.path, "", ".xlsx")
    elif kind == "empty":
        bad.content = b""
    elif kind == "html":
        bad.content = (
            "<html><body><table><tr><td>城乡低保花名册</td></tr></table></body></html>".encode()
        )
        bad.path = _renamed(bad.path, "", ".xls")
    elif kind == "encrypted":
        bad.content = (
            bytes.fromhex("d0cf11e0a1b11ae1")
            + bytes(1016)
            + "EncryptedPackage".encode("utf-16-le")
            + bytes(1000)
        )
        bad.path = _renamed(bad.path, "", ".xlsx")
    elif kind == "wrong_month":
        bad.rows = (
            good.rows.with_columns(statistical_month=pl.lit(add_months(month, -1)))
            if "statistical_month" in good.rows.columns
            else good.rows
        )
    elif kind == "missing_column":
        bad.style = replace(style, absent=frozenset({"person_id_no"}))
    else:
        bad.style = replace(style, unit="万元、人")
    submissions.filings.append(bad)
