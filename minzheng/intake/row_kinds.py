"""What a row below a header is when it is no data: printed around the data, and counted under a name of its own."""

import re
from itertools import chain, pairwise

from minzheng.contracts.datasets import Column
from minzheng.intake.grid import Cell, Columns, Kind, cell_kind, cell_text
from minzheng.intake.header import (
    Header,
    header_text,
    is_footer,
    is_known_header,
    is_total,
    known_headers,
)
from minzheng.intake.settings import Refused, settings

BLANK = " \t\r\n\u3000\u00a0\u200b\u200c\u200d\u2060\ufeff"
IDENTIFYING = {
    "person_id_no",
    "person_name",
    "grant_no",
    "application_no",
    "payment_no",
    "card_no",
    "facility_code",
}
IDENTIFYING |= {
    "facility_name",
    "site_code",
    "site_name",
    "item_code",
    "item_name",
    "param_code",
    "population_source",
}
IDENTIFYING |= {"region_name", "region_level", "place", "hit_kind"}
ID = re.compile(r"^(?:[0-9]{15}|[0-9]{17}[0-9Xx])$")
MUST_OR_MAY = ("必填", "选填")
"""How the notes of a template say whether a column must be filled."""
_CODE = re.compile(r"^[0-9]{12}$")
_COUNT = re.compile(r"^[0-9,]{1,9}(?:\.[0-9]+)?(?:户|人|名|个|家|张|次|人次|元|户次)?$")
_UNIT = re.compile(
    r"^\(?(?:单位:?)?(?:[十百千万亿]*元(?:/人·?[月年]|/[月年])?|人|户|张|个|次|人次|岁|%|名|家|处|年月日?)\)?$"
)
_OTHER_UNIT = re.compile("[百千万亿]元")
_SIGN = "(?:签字|签章|盖章|签名|公章)"
_LABEL = re.compile(rf"^[\u4e00-\u9fff、()/]{{1,14}}:|{_SIGN}\)?:?$|^\(?{_SIGN}")
_DATE = re.compile(r"^[0-9]{4}[年./-][0-9]{1,2}[月./-](?:[0-9]{1,2}日?)?$|^[年月日\s]+$")
_EXAMPLE = re.compile(
    r"^[(\[【]?(?:填写|填报|填表)?(?:示例|样例|范例|示范|例|样本)[0-9]*(?:行|数据)?[)\]】]?(?:$|[:,;。、(].*)",
    re.DOTALL,
)
_EXAMPLE_FIRST, _BRACKETS = (
    set("示样范例填([（【"),
    set(")）]】"),
)  # a quick look before the careful one
_PERHAPS_EXAMPLE = f"^[{BLANK}]*[{re.escape(''.join(sorted(_EXAMPLE_FIRST)))}]"
_PERHAPS_EXAMPLE_BEHIND = f"[{re.escape(''.join(sorted(_BRACKETS)))}][{BLANK}]*$"
_EXAMPLE_BEHIND = re.compile(r"[(\[【](?:填写|填报|填表)?(?:示例|样例|范例|示范)[)\]】]$")
_LETTERS = {letter: place for place, letter in enumerate("甲乙丙丁戊己庚辛壬癸", start=1)}
_LETTERS |= {letter: place for place, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", start=1)}


def is_plain(row: list[Cell], header: Header) -> bool:
    """Whether a row is data at first sight: its id number is long, and nothing marks it as an example."""
    place = header.places.get("person_id_no")
    if place is None or place >= len(row) or not isinstance(row[place], str):
        return False
    return 15 <= len(row[place]) <= 20 and row[place][:6].isdigit() and not _is_example(row, header)


def perhaps_odd(rows: Columns, header: Header) -> list[int]:
    """The places of the rows of which `is_plain` may be false."""
    frame, place = rows.frame, header.places.get("person_id_no")
    if place is None or place >= frame.width:
        return list(range(frame.height))
    odd = ~frame.to_series(place).str.contains(r"^[0-9]{6}.{9,14}$")
    odd |= rows.numbers.get(place, False)
    for mark in header.marks:
        if mark < frame.width:
            odd |= frame.to_series(mark).str.contains(_PERHAPS_EXAMPLE)
    name = header.places.get("person_name", frame.width)
    if name < frame.width:
        odd |= frame.to_series(name).str.contains(_PERHAPS_EXAMPLE_BEHIND)
    return odd.arg_true().to_list()


def kind_of(row: list[Cell], header: Header) -> str | None:
    """The name of what a row is (`total`, `footer`, `note`, `column_numbers`, `units`, `header`, `example`, `blank`), None for data.

    A row that names a person by number is data; so is a cell longer than any note, which is quarantined for that.
    """
    texts = [header_text(cell_text(cell).strip(BLANK)) for cell in row]
    filled = [text for text in texts if text]
    if not filled:
        return None if any(cell_kind(cell) >= Kind.ERROR for cell in row) else "blank"
    if _is_example(row, header):
        return "example"
    at = {name: texts[place] for name, place in header.places.items() if place < len(texts)}
    if max(map(len, filled)) > settings().limits.field_characters or _has_id_number(at):
        return None
    named = {name: at[name] for name in IDENTIFYING & at.keys() if at[name]}
    names = [text for text in named.values() if not _COUNT.match(text) and not is_total([text])]
    remark = header.places.get("remark", -1)
    stated = [text for place, text in enumerate(texts) if text and place != remark]
    if _repeats(texts, header):
        return "header"
    if _are_column_numbers(filled, header):
        return "column_numbers"
    if not names and is_total(stated) and not _is_whole(at, header):
        return "total"
    if _are_units(filled):
        return "units"
    if _has_month_or_code(at):
        return None
    if is_footer(stated) or _is_signature(filled):
        return "footer"
    return "note" if _is_note(texts, filled, names, named.keys() - {header.first_column}) else None


def _has_id_number(at: dict[str, str]) -> bool:
    return bool(ID.match(at.get("person_id_no", "")) or ID.match(at.get("card_no", "")[:18]))


def _has_month_or_code(at: dict[str, str]) -> bool:
    month = at.get("statistical_month", at.get("index_month", ""))
    return (month[:4].isdigit() and len(month) >= 5) or bool(_CODE.match(at.get("region_code", "")))


def _are_units(filled: list[str]) -> bool:
    """Whether the row says in what the columns are counted; `Refused` where that is another unit than the contract's."""
    if not all(map(_UNIT.match, filled)):
        return False
    if any(map(_OTHER_UNIT.search, filled)):
        raise Refused("unit_mismatch")
    return True


def _is_note(texts: list[str], filled: list[str], names: list[str], elsewhere: set[str]) -> bool:
    """A line with one or two cells that names nobody and nothing, or with one sentence that does not stand under a name."""
    return (not names and len(filled) <= 2) or (
        len(filled) == 1 and len(texts) > 1 and not elsewhere
    )


def _is_whole(at: dict[str, str], header: Header) -> bool:
    """Whether most of what a row must have is there: then a word for a total in it is somebody's own."""
    required = [column.name for column in header.dataset.columns if column.required]
    return sum(bool(at.get(name)) for name in required) * 3 > len(required) * 2


def _is_example(row: list[Cell], header: Header) -> bool:
    """Whether a cell beside the contract's columns, or the remark, says that the row shows how to fill the form."""
    for place in header.marks:
        cell = row[place] if place < len(row) else ""
        if (
            isinstance(cell, str)
            and cell.lstrip(BLANK)[:1] in _EXAMPLE_FIRST
            and _EXAMPLE.match(header_text(cell))
        ):
            return True
    name = header.places.get("person_name", -1)
    if (
        not 0 <= name < len(row)
        or not isinstance(row[name], str)
        or row[name].rstrip(BLANK)[-1:] not in _BRACKETS
    ):
        return False
    return bool(_EXAMPLE_BEHIND.search(header_text(row[name])))


def _repeats(texts: list[str], header: Header) -> bool:
    """Whether a row is one of the header's own rows, printed again as on every page."""
    return any(texts[: len(own)] == own and not any(texts[len(own) :]) for own in header.rows)


def looks_like_header(texts: list[str], header: Header) -> bool:
    """Whether most cells of a row are headers that the contract knows."""
    filled = [text for text in texts if text]
    known = sum(text in known_headers(header.dataset.dataset) for text in filled)
    return known >= 3 and known * 2 > len(filled)


def _are_column_numbers(filled: list[str], header: Header) -> bool:
    """甲 乙 1 2 3, (1) (2) (3), A B C: the row that numbers the columns of a form."""
    numbers, letters = [], []
    for text in filled:
        bare = text.upper().strip("()[]【】栏列第")
        digits = re.match(r"^([0-9]{1,2})(?:=[0-9+()*/-]+)?$", bare)
        if digits:
            numbers.append(int(digits[1]))
        elif bare in _LETTERS and not numbers:
            letters.append(_LETTERS[bare])
        else:
            return False
    rising = all(now == one + 1 for one, now in chain(pairwise(numbers), pairwise(letters)))
    return rising and len(filled) >= 3 and 2 * len(filled) >= len(header.places)


def _is_signature(filled: list[str]) -> bool:
    """A line of labels (主管领导:, 经办人(签字):, 电话:0970) with, behind each, at most one cell that answers it; dates between."""
    labels, open_label = 0, False
    for text in filled:
        if _LABEL.search(text):
            labels, open_label = (
                labels + 1,
                text.endswith((":", ")")) or bool(re.search(f"{_SIGN}$", text)),
            )
        elif open_label:
            open_label = False
        elif not _DATE.match(text):
            return False
    return labels > 0


def looks_like_data(row: list[Cell], county: str) -> bool:
    """Whether a row outside every table that was read looks like one of a table: a person's, or a place's of a month."""
    texts = [cell_text(cell).strip(BLANK) for cell in row]
    filled = [text for text in texts if text]
    if tells_of_a_column(filled):
        return False
    if len(filled) >= 3 and any(map(ID.match, filled)):
        return True
    placed = any(_CODE.match(text) and text.startswith(county) for text in filled)
    return (
        len(filled) >= 5
        and placed
        and any(
            re.match(r"^(?:19|20)[0-9]{2}[-./年]?[01]?[0-9]", text) and len(text) < 9
            for text in filled
        )
    )


def tells_of_a_column(filled: list[str]) -> bool:
    """Whether a row is one of a template's notes: a heading of a contract, whether it must be filled, and how, with an example."""
    return len(filled) >= 2 and filled[1] in MUST_OR_MAY and is_known_header(filled[0])


def is_filled(column: Column) -> bool:
    """Whether a cell merged over several rows holds for each of them: what a household shares, never a person's own or an amount."""
    if column.name in IDENTIFYING or column.type in ("yuan", "decimal", "percent"):
        return False
    if column.name in ("household_no", "bank_account", "household_size_covered"):
        return True
    return column.pii is None and column.type != "int"
