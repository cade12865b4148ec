"""The people whom a file names, as far as they may be met again where no name belongs: in its texts, its name, its sheets."""

import polars as pl

from minzheng.contracts.datasets import Dataset, free_text
from minzheng.custody.person import is_sheet_label, sheet_label
from minzheng.intake.exposed import (
    IN_TEXT,
    MASK,
    holds_number,
    plain_names,
    possible_names,
    without_names,
    without_numbers,
)
from minzheng.intake.typed import different

NAMES = ("person_name", "guardian_name")


class People:
    """Met block by block. All are remembered where the dataset keeps free text, else those only that a name could hold."""

    def __init__(self, *titles: str):
        self._titles = {title: possible_names(title) for title in titles}
        self._places: dict[str, int] = {}
        self._met: set[str] = set()
        self._said: set[str] = set()

    def meet(self, contract: Dataset, sheet: str, place: int, frame: pl.DataFrame) -> None:
        """One block of rows, the bad ones too, of the sheet in this place of its workbook (from 1)."""
        if sheet not in self._places:
            self._places[sheet] = place
            self._titles[sheet] = possible_names(sheet)
        columns = [
            column.name for column in free_text(contract.dataset) if column.name in frame.columns
        ]
        self._said.update(*(different(frame[name]) for name in columns))
        self._said.discard(None)
        sought = set().union(*self._titles.values())
        for name in NAMES:
            if name in frame.columns:
                names = plain_names(frame[name])
                self._met.update(names if columns else names & sought)

    def _named_in(self, text: str) -> set[str]:
        return possible_names(text) & self._met

    def shown(self, title: str) -> str:
        """A file's name without numbers and without the people of its rows."""
        named = self._named_in(title)
        return without_numbers(without_names(title, named) if named else title)

    def labels(self) -> dict[str, str]:
        """What is kept of those sheets whose names hold an identity."""
        return {
            sheet: sheet_label(place)
            for sheet, place in self._places.items()
            if self._exposes(sheet)
        }

    def _exposes(self, sheet: str) -> bool:
        return holds_number(sheet) or is_sheet_label(sheet) or bool(self._named_in(sheet))

    def texts(self, contract: Dataset) -> set[str]:
        """The free texts that hold a name of these people."""
        return {text for text in self._said if text != MASK and self._named_in(text)}


def covered(contract: Dataset, rows: pl.DataFrame, texts: set[str]) -> pl.DataFrame:
    """The rows with `***` and a flag where a free text is one of `texts`."""
    names = [column.name for column in free_text(contract.dataset) if column.name in rows.columns]
    held = pl.any_horizontal(pl.col(name).is_in(list(texts)) for name in names).fill_null(False)
    code = pl.when(held & ~pl.col("flags").fill_null("").str.contains(IN_TEXT)).then(
        pl.lit(IN_TEXT)
    )
    flags = pl.concat_str("flags", code, separator=",", ignore_nulls=True).replace("", None)
    hidden = [
        pl.when(pl.col(name).is_in(list(texts))).then(pl.lit(MASK)).otherwise(name).alias(name)
        for name in names
    ]
    return rows.with_columns(*hidden, flags=flags)
