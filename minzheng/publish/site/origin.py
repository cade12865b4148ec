"""Where a number comes from and why it moved: the files in force, the checks and models, the parts of the month's change."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from minzheng.indicators.movement import PARTS
from minzheng.publish.language import Language, site_words
from minzheng.publish.site.book import Book
from minzheng.publish.site.page import Page
from minzheng.warehouse.lineage import trace

MOST_FILES = 12  # more than that are listed on the dataset's own page only
ALWAYS = (
    "new",
    "gone",
    "moved_in",
    "moved_out",
)  # told even when zero; the other parts only where they are not
FINER = 2  # decimals more than the value's, for the parts of a rate


def change_of(book: Book, say: Language, code: str) -> dict[str, Any] | None:
    """The month's change of an indicator in parts that add up; None where it is not taken apart."""
    row = book.movement.get(code)
    if row is None:
        return None
    if row["reason"]:
        return {"reason": say.term("unparted", row["reason"]), "parts": []}
    contract = book.contract(code)
    rate = contract is not None and contract.denominator is not None
    decimals = (book.indicators[code]["decimals"] or 0) + (FINER if rate else 0)
    shown = [name for name in PARTS if name in ALWAYS or row[name]]
    return {
        "reason": None,
        "rounded": rate,
        "before": say.number(row["previous_value"], decimals),
        "now": say.number(row["value"], decimals),
        "parts": [(say.term("movement", name), signed(say, row[name], decimals)) for name in shown],
    }


def signed(say: Language, value: float, decimals: int) -> str:
    """The part with its sign; zero has none."""
    return f"{'+' if value > 0 else '−'}{say.number(abs(value), decimals)}" if value else "0"


@dataclass(frozen=True)
class Read:
    """One dataset that an indicator is counted from, in the release's month."""

    dataset: str
    title: str
    window: str
    required: bool
    files: list[dict[str, Any]]
    more: int
    rows: int | None
    rules: list[str]
    missing: int


def origin_of(book: Book, say: Language, code: str) -> dict[str, Any] | None:
    """The datasets, files, checks and models behind the county's number; None in a release that does not carry them."""
    if book.frames.sources is None or book.frames.sources.is_empty() or book.contract(code) is None:
        return None
    told = trace(book.frames.sources, book.frames.files, code, book.county, book.month)
    return {"models": told["models"], "reads": [read_of(say, part) for part in told["datasets"]]}


def read_of(say: Language, part: dict[str, Any]) -> Read:
    """A dataset of `lineage.trace` as the page tells it: the newest files, the rest counted."""
    told = {
        file["intake_no"]: file for file in part["files"]
    }  # one file may bring several townships
    files = sorted(told.values(), key=lambda file: (file["month"], file["intake_no"]), reverse=True)
    title = say.dataset(part["dataset"])
    window = say.term("windows", part["window"])
    shown, rows = files[:MOST_FILES], part["rows"] if files else None
    return Read(
        part["dataset"], title, window, part["required"], shown, len(files) - len(shown), rows, part["rules"],
        len(part["missing"]),
    )  # fmt: skip


def source_pages(book: Book, say: Language) -> Iterator[Page]:
    """A page a dataset: every file in force that can reach a figure, newest first."""
    if book.frames.files is None:
        return
    for (name,), rows in book.frames.files.partition_by(
        "dataset", as_dict=True, maintain_order=True
    ).items():
        title = say.dataset(name)
        listed = rows.sort("month", "township_code", descending=[True, False]).to_dicts()
        yield Page(
            f"source/{name}.html",
            "source.html",
            "quality",
            title,
            partial(source_page, book, name, listed),
            say.folder,
        )


def source_page(book: Book, name: str, listed: list[dict[str, Any]]) -> dict[str, Any]:
    """What the page of a dataset is told."""
    readers = book.frames.sources.filter(book.frames.sources["dataset"] == name)[
        "indicator_id"
    ].to_list()
    address = site_words().control_room
    return {
        "files": listed,
        "readers": [code for code in readers if code in book.indicators],
        "control_room": f"{address}/assets/register/{name}" if address else "",
    }
