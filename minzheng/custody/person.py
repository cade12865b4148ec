"""Who is to be found in files: a person by id number, in every form in which it is still that number, or by their row.

Both answer the same questions: is a cell their number (`owns`), is a row theirs (`takes`), is a text about them (`mentioned`),
may a text hold them (`suspected`), who is to be looked for inside an archive's member (`within`), what is to be blotted out.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from minzheng.errors import WrongCall
from minzheng.id_number import INVISIBLE, check_id_number, convert_15_digit

_NOISE = re.compile(f"[{INVISIBLE}'’`-]")
_POWER = re.compile(r"\d[eE]\+?1[47]\b")
_NUMBER = re.compile(r"[1-8](?:\.\d+)?[eE]\+?1[47]|[1-8]\d{14}(?:\d{3})?(?:\.0+)?")


@dataclass(frozen=True)
class Person:
    """A person by id number (18 characters, upper case)."""

    id_no: str

    @classmethod
    def read(cls, text: str) -> "Person":
        """The person of an id number as someone typed it, old 15-digit form included; the error never repeats it."""
        typed = _plain(text)
        if not check_id_number(pl.Series([typed]))["valid"][0]:
            raise WrongCall("that is not a valid id number", "输入的不是有效的公民身份号码")
        return cls(convert_15_digit(pl.Series([typed]))[0] if len(typed) == 15 else typed)

    @cached_property
    def short(self) -> str | None:
        """The old 15-digit form, for births in the 1900s."""
        return self.id_no[:6] + self.id_no[8:17] if self.id_no[6:8] == "19" else None

    @property
    def numbers(self) -> tuple[str, ...]:
        """What is blotted out where no row can be taken."""
        return (self.id_no, self.short) if self.short else (self.id_no,)

    @cached_property
    def _short_alone(self) -> re.Pattern:
        return re.compile(rf"(?<!\d){self.short}(?!\d)")

    def owns(self, cell: str) -> bool:
        """Whether a cell is this person's id number (or card number), so that its row is about them."""
        text = _plain(cell)
        if text.startswith(self.id_no) or (self.short and text == self.short):
            return True
        if not _NUMBER.fullmatch(text):
            return False
        numbers = [self.id_no] * self.id_no.isdigit() + [self.short] * bool(self.short)
        return any(float(text) == float(number) for number in numbers)

    def mentioned(self, text: str) -> bool:
        """Whether a text holds this person's id number anywhere."""
        plain = _plain(text)
        return self.id_no in plain or bool(
            self.short and self.short in plain and self._short_alone.search(plain)
        )

    def takes(self, cells: Iterable[str], sheet: str, row_no: int) -> bool:
        """Whether a row is theirs: one of its cells is their number."""
        return any(self.owns(cell) for cell in cells)

    def suspected(self, text: str) -> bool:
        """Whether a text may hold the number, exactly or as a float."""
        return self.mentioned(text) or bool(_POWER.search(text))

    def within(self, member: str) -> "Person":
        """Themselves: any member of an archive may hold them."""
        return self

    def among(self, sheets: Sequence[str]) -> "Person":
        """Themselves: any sheet of a workbook may hold them."""
        return self


@dataclass(frozen=True)
class Place:
    """A person without an id number, by where they stand: the row as the clerk sees it, in a sheet (empty in a text file).

    `member` names the file inside an archive; empty where the file is none.
    """

    row_no: int
    sheet: str = ""
    member: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Nothing to blot out."""
        return ()

    def owns(self, cell: str) -> bool:
        """Never: the person has no number."""
        return False

    def takes(self, cells: Iterable[str], sheet: str, row_no: int) -> bool:
        """Whether this is the row."""
        return not self.member and (sheet, row_no) == (self.sheet, self.row_no)

    def mentioned(self, text: str) -> bool:
        """Never: by name alone nobody can be told from a namesake."""
        return False

    def suspected(self, text: str) -> bool:
        """Any text of the right file may hold the row."""
        return not self.member

    def within(self, member: str) -> "Place":
        """The row in this member, or, in another, nowhere."""
        return replace(self, member="" if self.member == member else "another")

    def among(self, sheets: Sequence[str]) -> "Place":
        """The row where only a label is shown of the sheet's name."""
        shown = {sheet_label(number): sheet for number, sheet in enumerate(sheets, start=1)}
        return replace(self, sheet=shown.get(self.sheet, self.sheet))


def _plain(text: str) -> str:
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _NOISE.sub("", text).upper()


def sheet_label(position: int) -> str:
    """What is shown and kept of a sheet whose own name holds an identity; `position` counts from 1."""
    return f"第{position}张工作表(名称已遮盖)"


def is_sheet_label(sheet: str) -> bool:
    """Whether a sheet calls itself as another one may be shown."""
    return re.fullmatch(r"第\d+张工作表\(名称已遮盖\)", sheet) is not None
