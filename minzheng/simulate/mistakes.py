"""The mistakes offices make: bad rows, missing and late files, corrections, absent columns, files that must be refused."""

from dataclasses import dataclass, field

import polars as pl

from minzheng.simulate.filing import Filing


@dataclass
class Blotter:
    """What was planted. `overrides`: uid to column to written text; `bad`: uid to (rule, column)."""

    filings: list[Filing]
    overrides: dict[int, dict[str, str | None]] = field(default_factory=dict)
    bad: dict[int, tuple[str, str]] = field(default_factory=dict)

    def homeless(self, item: Filing, place: str) -> int:
        """Quarantined rows of the file whose township nobody can tell; they count for the county alone."""
        return 0

    def quarantine(self) -> pl.DataFrame:
        """File, sheet, row, column and rule of every planted bad row."""
        rows = [
            (f.path, "花名册" if f.style.form == "xlsx" else "", f.places[uid], column, rule)
            for f in self.filings
            if not f.refused
            for uid, (rule, column) in self.bad.items()
            if uid in f.places
        ]
        schema = {"file": pl.String, "sheet": pl.String, "row": pl.Int64, "column": pl.String, "rule": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row").sort("file", "row", "column")


def plant(records: dict[str, pl.DataFrame], filings: list[Filing], seed: int, faults: str) -> Blotter:
    """Plant the faults of a level; `none` leaves the files as they are."""
    return Blotter(filings)
