"""What was read of one source, as the reading child tells it: counts, reasons, and the rows in frames."""

from dataclasses import dataclass, field

import polars as pl

from minzheng.intake.frames import Frames

FRAMES = ("accepted_rows", "quarantine_lines", "legible")


@dataclass
class Reading:
    """What was read of one source. `refused` holds the reasons when it was refused whole; then there are no rows.

    `accepted_rows` are the accepted rows, typed; `quarantine_lines` one row per quarantined row, column and rule; `legible` the
    quarantined rows as `accepted_rows` has them, without the cells that a rule names.
    """

    name: str = ""  # the source's name as it may be shown; empty where it was refused before its rows were read
    member: str = ""
    dataset: str | None = None
    month: str | None = None
    scope: str | None = None
    townships: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    holds: list[str] = field(
        default_factory=list
    )  # why a person must confirm it, as far as the file alone tells
    flags: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    accepted: int = 0
    quarantined: int = 0
    not_data: int = 0
    around: dict[str, int] = field(default_factory=dict)  # rows that are no data, by what they are
    unread: list[str] = field(
        default_factory=list
    )  # sheets with rows like the table's that belong to none
    persons: int = 0
    persons_quarantined: int = 0
    amount: str | None = None
    amount_quarantined: str | None = None
    by_township: dict[str, list] = field(default_factory=dict)
    totals: list[dict] = field(default_factory=list)
    places: list[list] = field(default_factory=list)
    params: list[list] = field(default_factory=list)
    standards: list[list] = field(default_factory=list)
    largest: dict[str, float] = field(default_factory=dict)
    content: str | None = None
    crash: str = ""  # the kind of error and the place in the code where the reading child broke off; never a value
    accepted_rows: Frames | None = None
    quarantine_lines: Frames | None = None
    legible: Frames | None = None

    @property
    def rows(self) -> pl.DataFrame | None:
        """All accepted rows in one frame."""
        return None if self.accepted_rows is None else self.accepted_rows.whole()

    @property
    def quarantine(self) -> pl.DataFrame | None:
        """All quarantined rows in one frame."""
        return None if self.quarantine_lines is None else self.quarantine_lines.whole()

    def frames(self) -> list[Frames | None]:
        """The frames in the order of `FRAMES`, as the pipe carries them."""
        return [getattr(self, name) for name in FRAMES]

    def facts(self) -> dict:
        """Everything but the frames, for JSON."""
        return {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name not in FRAMES
        }

    def refuse(self, codes: list[str]) -> None:
        """The source is refused whole: nothing was read of it."""
        self.refused, self.accepted_rows, self.quarantine_lines, self.legible = (
            codes,
            None,
            None,
            None,
        )
        self.accepted = self.quarantined = self.not_data = self.persons = (
            self.persons_quarantined
        ) = 0
        self.amount = self.amount_quarantined = None
