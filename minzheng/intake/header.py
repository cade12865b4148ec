"""Finding the table in a sheet: the header row (or two), the dataset it belongs to, and what each row is."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cache

from minzheng.contracts.datasets import Dataset, dataset, dataset_names
from minzheng.id_number import INVISIBLE
from minzheng.intake.grid import Cell, Grid, cell_text
from minzheng.intake.settings import Refused, aliases, settings

_INVISIBLE = re.compile(f"[{INVISIBLE}*]+")
_UNIT = re.compile(
    r"[(\[](?:单位[::]?)?([亿万千百十]*元|人|户|张|个|次|人次|%|元/人·月|元/人·年)[)\]]$"
)
_ASIDE = re.compile(r"^\(?[0-9]{1,2}(?:[).、]|\.(?![0-9]))|[(\[](?:必填|选填|可不填)项?[)\]]$")
"""What a form writes around a heading: the number of the column, whether it must be filled in."""
_OTHER_UNIT = re.compile(r"[(\[](?:单位:?)?[亿万千百十]+元|单位.*?[亿万千百十]+元")
COUNTERS = {"序号"}
"""Headings of columns that only number the rows."""
LIKE = 0.5
"""How much of a header must be that of a missing column for it to be offered as that."""
TOTAL = re.compile(
    r"(?:小计|合计|总计|共计|累计)(?:[(\[](?:人民币|[元户人])+[)\]])?(?:[::]?[0-9,.]+(?:户|人|名|元|人次|户次)?)*[::]?$"
)
FOOTER = re.compile(
    r"^(?:填报人|填表人|制表人?|审核人?|复核人?|经办人?|负责人|单位负责人|分管领导|联系人|联系电话|日期|填报日期|填表日期|填报单位|"
    r"填表说明|说明|备注|注)[::]|^(?:注|说明)[0-9]*[、.]|^第[0-9]+页"
)


def header_text(cell: str) -> str:
    """A header as it is compared: half width, without blanks, line breaks and invisible characters."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", cell)).casefold()


@cache
def known_headers(name: str) -> dict[str, str]:
    """Every header that a column of the dataset may carry, as compared, with the column's name."""
    known = {}
    for column in dataset(name).columns:
        for header in (*aliases()["headers"].get(column.header, []), column.header):
            known[header_text(header)] = column.name
    own = {header_text(column.header): column.name for column in dataset(name).columns}
    return known | own


@cache
def _all_headers() -> frozenset[str]:
    return frozenset().union(*map(known_headers, dataset_names()))


def is_known_header(text: str) -> bool:
    """Whether a column of any contract may carry this header."""
    return header_text(text) in _all_headers()


@dataclass
class Header:
    """Where a table begins and what its columns are."""

    dataset: Dataset
    first: int
    last: int
    places: dict[str, int]
    extra: list[str]
    missing: list[str]
    duplicate: bool
    other_unit: bool
    score: float = 0.0
    width: int = 0
    least: int = 0
    rows: list[list[str]] = field(
        default_factory=list
    )  # its own rows as compared, to know them when they are printed again
    marks: list[int] = field(
        default_factory=list
    )  # columns beside the contract's, and the remark: where an example is marked

    @property
    def first_column(self) -> str | None:
        """The column that stands first."""
        return min(self.places, key=self.places.get, default=None)

    def below(self) -> "Header":
        """The same header for a block of rows further down, which does not hold it."""
        return replace(self, first=0, last=-1)


def find_header(grid: Grid) -> Header | None:
    """The first header among the sheet's first rows that has all a contract asks for; else the best; None when none is known."""
    best: Header | None = None
    rows = grid.rows[: settings().limits.header_search_rows + 1]
    for index in range(len(rows)):
        found = header_at(rows, index)
        best = _better(best, found)
        if found and not found.missing and not found.duplicate:
            return found
    return best


def header_at(rows: list[list[Cell]], index: int) -> Header | None:
    """The header that begins in a row, alone or with the row below it."""
    texts = [[header_text(cell_text(cell)) for cell in row] for row in rows[index : index + 2]]
    if sum(_bare(cell) in _all_headers() for cell in texts[0]) < 2:
        return None
    found = _match(texts[0], index, index)
    if len(texts) > 1 and any(map(_may_head, texts[1])):
        found = _better(found, _match(_stacked(*texts), index, index + 1))
    if found:
        found.rows = texts[: found.last - found.first + 1]
        beside = set(range(max(map(len, found.rows)))) - set(found.places.values())
        found.marks = sorted(
            {*beside, *([found.places["remark"]] if "remark" in found.places else [])}
        )
    return found


def is_leads_workbook(grid: Grid) -> bool:
    """Whether a sheet has the headings that only the workbook for answers to leads has; `minzheng leads import` reads it."""
    rows = grid.rows[: settings().limits.header_search_rows + 1]
    return any(
        set(settings().leads_headings) <= {header_text(cell_text(cell)) for cell in row}
        for row in rows
    )


def _better(best: Header | None, candidate: Header | None) -> Header | None:
    return candidate if candidate and (best is None or candidate.score > best.score) else best


def _stacked(upper: list[str], lower: list[str]) -> list[str]:
    """Two header rows as one: the lower cell where there is one, else the upper."""
    width = max(len(upper), len(lower))
    pairs = zip(
        upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower)), strict=True
    )
    return [low or up for up, low in pairs]


def _bare(cell: str) -> str:
    """A header without its unit in brackets, unless the brackets belong to it."""
    return cell if cell in _all_headers() else _UNIT.sub("", _ASIDE.sub("", cell))


def _may_head(cell: str) -> bool:
    """Whether a cell below a header could make it a better one: it is a heading, a column's number or a unit alone."""
    bare = _bare(cell)
    return bool(cell) and (not bare or bare in COUNTERS or bare in _all_headers())


def _match(row: list[str], first: int, last: int) -> Header | None:
    """The dataset whose columns the row names best: columns found, less required ones missing, less strangers."""
    cells = [_bare(cell) for cell in row]
    found = [_match_dataset(name, cells, first, last) for name in dataset_names()]
    best = max(
        (header for header in found if header), key=lambda header: header.score, default=None
    )
    if best:
        best.other_unit = any(re.search("[亿万千百十]元", cell) for cell in row)
    return best


def _match_dataset(name: str, cells: list[str], first: int, last: int) -> Header | None:
    contract, known = dataset(name), known_headers(name)
    required = [column for column in contract.columns if column.required]
    if 2 * len(known.keys() & set(cells)) < len(required):
        return None  # more than half of them would be missing
    places: dict[str, int] = {}
    extra, duplicate, seen = [], False, set()
    for position, cell in enumerate(cells):
        column = known.get(cell)
        duplicate |= bool(cell) and cell in seen or column in places
        seen.add(cell)
        if column:
            places.setdefault(column, position)
        elif cell and cell not in COUNTERS:
            extra.append(cell)
    missing = [column.header for column in required if column.name not in places]
    if len(missing) * 2 > len(required):
        return None
    score = len(places) - len(missing) - 0.5 * len(extra) - 0.01 * (last - first)
    return Header(contract, first, last, places, extra, missing, duplicate, False, score)


def check_header(header: Header) -> None:
    """Refuse a header with a column twice, a required one missing, or amounts in another unit than 元."""
    codes = ["header_duplicate"] if header.duplicate else []
    extra = [name[:40].replace(",", "，") for name in header.extra[:10]]
    codes += [f"column_missing:{name}{_meant(header, name, extra)}" for name in header.missing]
    codes += [f"header_unrecognised:{name}" for name in extra if header.missing]
    if header.other_unit:
        codes.append("unit_mismatch")
    if codes:
        raise Refused(*codes, taken_for=header.dataset.dataset)


def _meant(header: Header, missing: str, extra: list[str]) -> str:
    """The unknown header that looks most like a missing one, as a question: （身份证 → 身份证号？）; empty where none does."""
    names = known_headers(header.dataset.dataset)
    column = next(c.name for c in header.dataset.columns if c.header == missing)
    known = [name for name, told in names.items() if told == column]
    likeness = {
        name: max(SequenceMatcher(None, _bare(name), other).ratio() for other in known)
        for name in extra
    }
    nearest = max(likeness, key=likeness.get, default="")
    return f"（{nearest} → {missing}？）" if likeness.get(nearest, 0) >= LIKE else ""


def names_other_unit(line: str) -> bool:
    """Whether a line above the header says that the amounts are in 万元, 千元 or the like."""
    return _OTHER_UNIT.search(header_text(line)) is not None


def is_total(texts: list[str]) -> bool:
    """Whether a row is a subtotal or total by its words."""
    return any(
        len(text) <= 20 and TOTAL.search(text)
        for text in (header_text(text) for text in texts if text)
    )


def is_footer(texts: list[str]) -> bool:
    """Whether a row is a signature line or a note by its words."""
    return any(FOOTER.search(header_text(text)) for text in texts if text)
