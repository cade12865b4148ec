"""Real workbooks through the project's own sheet reader: totals against states, revisions between books, three indicators.

python examples/us_tanf/caseload.py FOLDER        (FOLDER: else MINZHENG_REALDATA)
"""

import csv
import datetime as dt
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import polars as pl
import yaml

from minzheng.contracts.datasets import Bilingual, Strict
from minzheng.errors import MinzhengError, WrongCall
from minzheng.intake.grid import Cell, Grid
from minzheng.intake.settings import Refused
from minzheng.intake.workbook import read_xls, read_xlsx

HERE = Path(__file__).parent
VALUES = {
    "book": pl.String,  # file name
    "programme": pl.String,
    "fiscal_year": pl.Int64,
    "view": pl.String,  # month: one sheet a month; measure: one sheet a measure
    "tab": pl.String,
    "title_month": pl.String,  # what the title claims, null where it names no month
    "month": pl.String,
    "area": pl.String,  # a state, or US for the printed total
    "measure": pl.String,
    "value": pl.Float64,
    "mark": pl.String,  # number, not_available (N/A), none (-), blank, unknown
}
ROUNDING = 0.5
FOOTNOTE = r"\*|\s\d/$"  # marks of notes behind a name: Alabama*, Guam 1/
CELL = ["programme", "month", "measure"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September"]
MONTHS += ["October", "November", "December"]


class Measure(Strict):
    """One measure, the headings it comes under and the tabs that hold it alone."""

    title: Bilingual
    unit: Bilingual
    headings: list[str]
    tabs: list[str]


class WrongCells(Strict):
    """Cells that a book prints wrongly, as arithmetic with other cells shows; `newest` never takes them."""

    book: str
    months: list[str]
    areas: list[str]
    measures: list[str]
    why: str


class Contract(Strict):
    """What the workbooks look like."""

    dataset: str
    title: Bilingual
    source: str
    grain: str
    file_name: str
    month_tab: str
    programmes: dict[str, Bilingual]
    programme_spellings: dict[str, str]
    area_heading: str
    areas: int
    total_rows: list[str]
    not_available: list[str]
    no_such_item: list[str]
    measures: dict[str, Measure]
    wrong_cells: list[WrongCells]


class Indicator(Strict):
    """A measure, or a ratio of two."""

    code: str
    names: Bilingual
    unit: str
    numerator: str
    denominator: str | None = None
    multiplier: float = 1


@cache
def contract() -> Contract:
    """The contract of these workbooks."""
    return Contract.model_validate(
        yaml.safe_load((HERE / "contract.yaml").read_text(encoding="utf-8"))
    )


def indicators() -> list[Indicator]:
    """The three indicators."""
    listed = yaml.safe_load((HERE / "indicators.yaml").read_text(encoding="utf-8"))
    return [Indicator.model_validate(entry) for entry in listed["indicators"]]


@cache
def area_names() -> dict[str, str]:
    """Every spelling of a state, as compared, with its name (`areas.csv`)."""
    with (HERE / "areas.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    names = {}
    for row in rows:
        spellings = [row["area"], *filter(None, row["spellings"].split("|"))]
        names |= dict.fromkeys(map(_words, spellings), row["area"])
    return names


def read_folder(folder: Path) -> tuple[pl.DataFrame, dict[str, str]]:
    """Every value of every workbook of the folder, columns of `VALUES`, and the books refused, by name with the reason.

    `MinzhengError` when there is no book that can be read.
    """
    rows: list[tuple] = []
    refused: dict[str, str] = {}
    books = folder.iterdir() if folder.is_dir() else []
    for path in sorted(path for path in books if path.suffix in (".xls", ".xlsx")):
        try:
            rows += read_book(path)
        except Refused as fault:
            refused[path.name] = ", ".join(fault.codes)
    if not rows:
        raise MinzhengError(f"no caseload workbook in {folder}", f"文件夹 {folder} 中没有工作簿")
    return pl.DataFrame(rows, schema=VALUES, orient="row"), refused


def read_book(path: Path) -> list[tuple]:
    """The values of one workbook; `Refused` says why it is none: its name, its sheets, a state that nobody knows."""
    found = re.match(contract().file_name, path.name)
    if not found:
        raise Refused("its name is not that of a caseload book")
    programme = contract().programme_spellings.get(found["programme"], found["programme"])
    head = (path.name, programme, int(found["year"]))
    read = read_xls if path.suffix == ".xls" else read_xlsx
    grids = list(read(path.read_bytes()))
    rows = [(*head, *row) for row in chain.from_iterable(map(read_sheet, grids))]
    if not rows:
        raise Refused(f"no sheet of months or measures among {', '.join(g.sheet for g in grids)}")
    at = list(VALUES).index("area")
    if unknown := {row[at] for row in rows} - {*area_names().values(), "US"}:
        raise Refused(f"no state is called {min(unknown)}")
    return rows


def read_sheet(grid: Grid) -> Iterator[tuple]:
    """View, tab, title month, month, area, measure, value and mark of every cell; nothing for averages and lists.

    The tab says what a sheet holds: it is unique in its book, while titles were copied from sheet to sheet.
    """
    month, measure = _month_of_tab(grid.sheet), _measure(grid.sheet, "tabs")
    at = next(
        (
            i
            for i, row in enumerate(grid.rows[:8])
            if row and _words(row[0]) == _words(contract().area_heading)
        ),
        None,
    )
    if at is None or not (month or measure):
        return
    title = next(
        (found for row in grid.rows[:at] if row and (found := _month_of_title(row[0]))), None
    )
    header = enumerate(grid.rows[at])
    if month:
        columns = {j: (month, code) for j, cell in header if (code := _measure(cell, "headings"))}
    else:
        columns = {j: (f"{cell:%Y-%m}", measure) for j, cell in header if isinstance(cell, dt.date)}
    for area, row in _areas(grid.rows[at + 1 :]):
        for j, (when, code) in columns.items():
            value = _value(row[j] if j < len(row) else "")
            yield ("month" if month else "measure", grid.sheet, title, when, area, code, *value)


def check_totals(values: pl.DataFrame) -> pl.DataFrame:
    """Per book, view, month and measure: the printed national total, the sum of the states, and how many of them.

    `difference` is printed minus summed; null where no total is printed. States marked N/A or - add nothing.
    """
    keys = ["book", "view", "month", "measure"]
    states = pl.col("area") != "US"
    summed = values.group_by(keys).agg(
        states.sum().alias("states"),
        pl.col("value").filter(~states).first().alias("printed"),
        pl.col("value").filter(states).sum().alias("summed"),
    )
    return summed.with_columns(difference=pl.col("printed") - pl.col("summed")).sort(keys)


def wrong_titles(values: pl.DataFrame) -> pl.DataFrame:
    """Sheets whose title names another month than their tab: an error in the source."""
    named = pl.col("title_month").is_not_null() & (pl.col("view") == "month")
    other = values.filter(named, pl.col("title_month") != pl.col("month"))
    return other.select("book", "tab", "title_month").unique().sort("book", "title_month")


def doubled_areas(values: pl.DataFrame) -> pl.DataFrame:
    """Sheets that name a state twice: one of the two rows is another state's, and the source does not say whose."""
    rows = (
        values.group_by("book", "tab", "area", "month", "measure").len().filter(pl.col("len") > 1)
    )
    return rows.select("book", "tab", "area").unique().sort("book", "tab")


def two_views(values: pl.DataFrame) -> pl.DataFrame:
    """Cells that a book prints on a month sheet and on a measure sheet, and differently."""
    keys = ["book", "month", "area", "measure"]
    values = _unambiguous(values)
    month, measure = (
        values.filter(pl.col("view") == view).select(*keys, "value")
        for view in ("month", "measure")
    )
    both = month.join(measure, on=keys, suffix="_on_measure_sheet")
    return both.filter(~pl.col("value").eq_missing(pl.col("value_on_measure_sheet"))).sort(keys)


def revisions(values: pl.DataFrame) -> pl.DataFrame:
    """Cells of October to December that the next fiscal year's book printed differently, total and states alike.

    `kind`: number (both are numbers, `change` says by how much), withdrawn (a number became N/A or -), supplied (the
    reverse), mark (one mark became another).
    """
    keys = [*CELL, "area"]
    printed = (
        _unambiguous(values)
        .filter(pl.col("view") == "month")
        .select(*keys, "fiscal_year", "value", "mark")
    )
    later = printed.with_columns(pl.col("fiscal_year") - 1).rename(
        {"value": "later_value", "mark": "later_mark"}
    )
    both = printed.join(later, on=[*keys, "fiscal_year"], how="inner")
    changed = ~pl.col("value").eq_missing(pl.col("later_value")) | (
        pl.col("mark") != pl.col("later_mark")
    )
    was, is_now = pl.col("value").is_not_null(), pl.col("later_value").is_not_null()
    kind = pl.when(was & is_now).then(pl.lit("number")).when(was).then(pl.lit("withdrawn"))
    kind = kind.when(is_now).then(pl.lit("supplied")).otherwise(pl.lit("mark"))
    change = pl.col("later_value") - pl.col("value")
    return both.filter(changed).with_columns(kind=kind, change=change).sort(keys)


def unlike_parts(values: pl.DataFrame) -> pl.DataFrame:
    """Combined cells that are not the sum of the two programmes, while another book prints the sum: the wrong one of two.

    `sum` is what the two programmes' newest books add up to.
    """
    keys = ["month", "area", "measure"]
    rows = _unambiguous(values).filter(pl.col("view") == "month", pl.col("value").is_not_null())
    parts = rows.filter(pl.col("programme") != "tanssp").sort("fiscal_year")
    parts = parts.unique(["programme", *keys], keep="last", maintain_order=True)
    sums = parts.group_by(keys).agg(pl.col("value").sum().alias("sum"), pl.len().alias("parts"))
    both = rows.filter(pl.col("programme") == "tanssp").join(sums.filter(parts=2), on=keys)
    fits = (pl.col("value") - pl.col("sum")).abs() <= ROUNDING
    both = both.filter(fits.any().over(keys), ~fits)
    return both.select("book", *keys, "value", "sum").sort("book", *keys)


def _is_wrong() -> pl.Expr:
    """Whether the contract names a cell as wrong."""
    named = [
        (pl.col("book") == one.book)
        & pl.col("month").is_in(one.months)
        & pl.col("area").is_in(one.areas)
        & pl.col("measure").is_in(one.measures)
        for one in contract().wrong_cells
    ]
    return pl.any_horizontal(named)


def newest(values: pl.DataFrame) -> pl.DataFrame:
    """For every cell the value of the latest book that prints it and is not known to be wrong there."""
    month_view = _unambiguous(values).filter(pl.col("view") == "month", ~_is_wrong())
    month_view = month_view.sort("fiscal_year")
    return month_view.unique([*CELL, "area"], keep="last", maintain_order=True)


def compute(values: pl.DataFrame) -> pl.DataFrame:
    """The three indicators per programme, month and area: null where a part is not a number, never zero for N/A."""
    keys = ["programme", "month", "area"]
    wide = newest(values).pivot("measure", index=keys, values="value")
    frames = []
    for indicator in indicators():
        below = pl.col(indicator.denominator) if indicator.denominator else pl.lit(1.0)
        ratio = pl.when(below != 0).then(pl.col(indicator.numerator) / below) * indicator.multiplier
        frames.append(
            wide.select(
                pl.lit(indicator.code).alias("indicator_id"), *keys, ratio.alias("obs_value")
            )
        )
    return pl.concat(frames).sort("indicator_id", *keys)


def _unambiguous(values: pl.DataFrame) -> pl.DataFrame:
    """Without the rows of a state that its sheet names twice."""
    return values.filter(pl.len().over("book", "tab", "area", "month", "measure") == 1)


def _words(cell: Cell) -> str:
    return " ".join(str(cell).replace("*", " ").lower().split())


def _month_of_title(cell: Cell) -> str | None:
    found = re.fullmatch(r"([A-Z][a-z]+) (\d{4})", str(cell).strip())
    return f"{found[2]}-{MONTHS.index(found[1]) + 1:02d}" if found and found[1] in MONTHS else None


def _month_of_tab(tab: str) -> str | None:
    found = re.match(contract().month_tab, tab.strip())
    number = next(
        (n for n, name in enumerate(MONTHS, 1) if found and name.startswith(found["month"])), None
    )
    if number is None:
        return None
    year = int(found["year"])
    return f"{year + (1900 if year > 50 else 2000)}-{number:02d}"


def _measure(cell: Cell, where: str) -> str | None:
    words = _words(cell)
    return next(
        (code for code, measure in contract().measures.items() if words in getattr(measure, where)),
        None,
    )


def _areas(rows: list[list[Cell]]) -> Iterator[tuple[str, list[Cell]]]:
    """Total and states; a row without any cell beside its name is a note or the print date."""
    for row in rows:
        name = re.sub(FOOTNOTE, "", str(row[0])).strip() if row else ""
        if name and any(cell != "" for cell in row[1:]):
            total = name in contract().total_rows
            yield "US" if total else area_names().get(_words(name), name), row


def _value(cell: Cell) -> tuple[float | None, str]:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell), "number"
    text = str(cell).strip()
    if text in contract().not_available:
        return None, "not_available"
    return None, "none" if text in contract().no_such_item else "unknown" if text else "blank"


def folder_of(arguments: list[str]) -> Path | None:
    """The folder named as argument or by MINZHENG_REALDATA (its subfolder us_tanf_caseload where there is one)."""
    named = arguments[0] if arguments else os.environ.get("MINZHENG_REALDATA")
    if not named:
        return None
    inner = Path(named) / "us_tanf_caseload"
    return inner if inner.is_dir() else Path(named)


def main(arguments: list[str]) -> None:
    """Print what was read, what does not add up, what the source got wrong, the revisions and the newest indicators."""
    folder = folder_of(arguments)
    if folder is None:
        raise WrongCall(
            "usage: python examples/us_tanf/caseload.py FOLDER", "请给出工作簿所在文件夹"
        )
    values, refused = read_folder(folder)
    checked = check_totals(values).filter(pl.col("difference").is_not_null())
    wrong, changed = checked.filter(pl.col("difference").abs() > ROUNDING), revisions(values)
    print(
        f"{values['book'].n_unique()} books, {values.height} values, {values['month'].n_unique()} months"
    )
    for book, why in refused.items():
        print(f"refused: {book}: {why}")
    print(
        f"{checked.height} national totals checked, {wrong.height} differ from the sum of the states:"
    )
    _show(wrong.drop("states"))
    print("titles that name another month than their tab:")
    _show(wrong_titles(values))
    print("states named twice on a sheet:")
    _show(doubled_areas(values).group_by("book", "area").agg(pl.len().alias("sheets")))
    print("combined figures that are not the sum of the two programmes, which another book prints:")
    _show(unlike_parts(values))
    print(f"{two_views(values).height} cells differ between month sheets and measure sheets")
    print(f"{changed.height} values of October-December printed differently by the next book:")
    by = ["programme", "fiscal_year", "kind", "measure"]
    _show(changed.group_by(by).agg(pl.len().alias("cells"), pl.col("change").sum()).sort(by))
    print("newest national figures:")
    national = compute(values).filter(pl.col("area") == "US")
    _show(national.group_by("indicator_id", "programme", maintain_order=True).last())


def _show(frame: pl.DataFrame) -> None:
    with pl.Config(
        tbl_rows=-1,
        tbl_cols=-1,
        fmt_str_lengths=40,
        tbl_width_chars=140,
        tbl_hide_dataframe_shape=True,
    ):
        print(frame)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except MinzhengError as error:
        print(f"us_tanf: {error}", file=sys.stderr)
        sys.exit(error.status)
