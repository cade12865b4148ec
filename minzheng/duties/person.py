"""One person as a file may spell them: the id number in every form in which it is still that number."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from minzheng.errors import WrongCall
from minzheng.id_number import check_id_number, convert_15_digit

_NOISE = re.compile(r"[\s'’`\u200b-\u200f\u2060\ufeff-]")
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
        return self.id_no in plain or bool(self.short and self.short in plain and self._short_alone.search(plain))


def _plain(text: str) -> str:
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _NOISE.sub("", text).upper()
