"""The intake's settings, reason codes and aliases, read from `contracts/intake.yaml`, `reasons.yaml` and `aliases.yaml`."""

from collections.abc import Iterable
from functools import cache
from typing import Literal

from minzheng.contracts.datasets import Strict, read_yaml
from minzheng.contracts.paths import CONTRACTS
from minzheng.contracts.regions import county


class Limits(Strict):
    """What a file may ask of the machine."""

    file_bytes: int
    small_bytes: int
    packed_bytes: int
    workbook_bytes: int
    sheet_bytes: int
    slice_bytes: int
    block_rows: int
    inflated_bytes: int
    archive_inflated_bytes: int
    ratio: int
    ratio_from_bytes: int
    entries: int
    workbook_entries: int
    sheets: int
    rows: int
    csv_rows: int
    columns: int
    cells: int
    field_characters: int
    header_search_rows: int


class Sandbox(Strict):
    """What the reading child may use for one file."""

    children: int
    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int


class Hold(Strict):
    """When a file would take away, or bring, too much for it to be taken in without a named person's word."""

    against_last_month: list[str]
    factor: float
    none_from: int
    share_gone: float


class FreeText(Strict):
    """What free text is made of: by the kind of a column, words of which one must be in it; words of ordinary file names."""

    kinds: dict[str, list[str]]
    ordinary: list[str]


class AmountRange(Strict):
    """An amount and the standard it follows: one, or one for each word of the column `by`; else `limit`, in yuan."""

    dataset: str
    column: str
    by: str | None = None
    standard: str | None = None
    standards: dict[str, str] = {}
    limit: float
    zero_is_told: bool = False


class Settings(Strict):
    """All settings of the intake."""

    limits: Limits
    sandbox: Sandbox
    batch_files: int
    batch_bytes: int
    hold: Hold
    amounts: dict[str, list[str]]
    leads_headings: list[str]
    free_text: FreeText
    amount_times: int
    amounts_per_year: list[str]
    amount_ranges: list[AmountRange]
    persons_ranges: dict[str, int]


class Reason(Strict):
    """One reason code: its level, what the clerk reads, and what a right value looks like.

    `again`: a circumstance of the machine, not of the file; the next intake tries once more.
    """

    level: Literal["file", "row", "flag", "hold"]
    again: bool = False
    zh: str
    en: str
    right: str


@cache
def settings() -> Settings:
    """The settings; a wrong or unknown key is refused."""
    return Settings.model_validate(read_yaml(CONTRACTS / "intake.yaml"))


@cache
def reasons() -> dict[str, Reason]:
    """Every reason code."""
    entries = read_yaml(CONTRACTS / "reasons.yaml")
    return {code: Reason.model_validate(entry) for code, entry in entries.items()}


def tried_again(codes: Iterable[str]) -> bool:
    """Whether a file that was refused for these reasons is taken in as soon as it can be."""
    return any(reasons()[code].again for code in codes if code in reasons())


def reason_zh(reason: str) -> str:
    """The Chinese sentence of a reason, with what it names behind a colon (`column_missing:身份证号`)."""
    code, _, detail = reason.partition(":")
    return _worded(reasons()[code].zh, "：", detail)


def reason_en(reason: str) -> str:
    """The English sentence of a reason, with what it names behind a colon."""
    code, _, detail = reason.partition(":")
    return _worded(reasons()[code].en, ": ", detail)


def _worded(sentence: str, mark: str, detail: str) -> str:
    """A sentence with its detail behind it, or, where it has places for them (`{0}`), with the detail's words in these."""
    if "{0}" in sentence:
        return sentence.format(*detail.split(" "))
    return f"{sentence}{mark}{detail}" if detail else sentence


class Refused(Exception):
    """A file-level rule is broken: the file is refused whole. Holds reason codes only, no value of a row.

    `taken_for`: the dataset whose rule it was, where only the raiser knows it.
    """

    def __init__(self, *codes: str, taken_for: str | None = None):
        super().__init__(", ".join(codes))
        self.codes, self.taken_for = list(codes), taken_for


@cache
def aliases() -> dict[str, dict[str, list[str]]]:
    """The alias file: other headers, spellings of the home's townships and villages."""
    told = read_yaml(CONTRACTS / "aliases.yaml")
    told["villages"] = {
        code: names for code, names in told["villages"].items() if code.startswith(county())
    }
    return told
