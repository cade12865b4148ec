"""The account of one source while it is read block by block: what was read so far, and the reading it ends in."""

from collections import Counter
from itertools import chain

import polars as pl

from minzheng.contracts.datasets import Dataset
from minzheng.contracts.regions import counties
from minzheng.intake.copies import find_copies, marks_of
from minzheng.intake.dates import lost_zeros
from minzheng.intake.exposed import IN_NAME
from minzheng.intake.frames import Frames
from minzheng.intake.header import names_other_unit
from minzheng.intake.people import People, covered
from minzheng.intake.places import known_townships
from minzheng.intake.quarantine import (
    any_of,
    legible_rows,
    quarantine_lines,
    structure_first,
    with_flags,
)
from minzheng.intake.reading import Reading
from minzheng.intake.references import stated_params, stated_places, stated_standards
from minzheng.intake.rows import typed_rows
from minzheng.intake.scope import (
    decide_month,
    decide_townships,
    month_by_words,
    named_otherwise,
    speaks_for,
    townships_of_titles,
)
from minzheng.intake.settings import Refused
from minzheng.intake.standards import largest_seen
from minzheng.intake.table import Table
from minzheng.intake.tally import Tally, balance, content_digest, fen_of, person_of
from minzheng.intake.totals import Subtotals, add_block, compare
from minzheng.intake.typed import blank, different, holding
from minzheng.intake.types import typed

TOLD = 10  # faults of a refused file whose places are told


class Gathering:
    """Takes tables; `settle` makes the reading of them. `assumed` is the month that ages and dates are judged by."""

    def __init__(self, folder: str | None, file: str, member: str, assumed: str | None):
        self.assumed, self._folder, self._name = assumed, folder, member or file
        self.contract: Dataset | None = None
        self.flags: list[str] = []
        self.titles: list[str] = []
        self.months: set[str] = set()
        self.unsure: set[str] = set()  # months of two readings, as written
        self.named: set[str] = set()
        self.given: set[str] = set()
        self.not_data: Counter[str] = Counter()
        self.unread: list[str] = []
        self.height, self.lost = 0, 0
        self.accepted_rows, self.quarantine_lines, self.legible = Frames(), Frames(), Frames()
        self.rules: Counter[str] = Counter()
        self._index: list[pl.DataFrame] = []
        self._subtotals: dict[str, Subtotals] = {}
        self._people, self._titles = People(file, member), (file, member)

    def take(self, table: Table) -> None:
        """Type and judge one block of rows."""
        self._know(table)
        frame, faults, flags = typed_rows(self.contract, table, self._month(table))
        add_block(self._subtotals.setdefault(table.sheet, Subtotals()), self.contract, table, frame)
        faults = structure_first(table, faults)
        self._place(frame, faults)
        self.lost += sum(mask.sum() for _, code, mask in faults if code == "id_precision_lost")
        bad = any_of([mask for *_, mask in faults], frame.height)
        frame = with_flags(frame, flags)
        self._people.meet(self.contract, table.sheet, table.place, frame)
        self._index.append(self._indexed(table, frame, bad))
        self.accepted_rows.add(frame.filter(~bad) if bad.any() else frame)
        self.legible.add(legible_rows(table, frame, faults, bad))
        self._quarantine(quarantine_lines(self.contract, table, frame, faults))

    def _know(self, table: Table) -> None:
        """What a block says about the file: its dataset, titles, unit, months, columns."""
        if self.contract and table.header.dataset.dataset != self.contract.dataset:
            raise Refused("multiple_datasets")
        self.contract = table.header.dataset
        if any(map(names_other_unit, table.before)):
            raise Refused("unit_mismatch")
        self.titles += table.before
        self.flags += [flag for flag in table.flags if flag not in self.flags]
        self.given |= table.text.keys()
        self.not_data += table.not_data
        self.unread += [table.sheet] * table.unread
        self.height += table.height
        months, unsure = _row_months(self.contract, table)
        self.months |= months
        self.unsure |= unsure

    def _month(self, table: Table) -> str:
        """The month to judge a block by: what was assumed, else what the first rows, the title or the folder say."""
        if self.assumed is None:
            self.assumed = min(self.months, default=None) or month_by_words(
                self.titles, self._folder, self._name
            )
        return self.assumed or "2099-12"

    def _place(self, frame: pl.DataFrame, faults: list) -> None:
        """Rows of a township that the title does not name are quarantined, unless something else is wrong with them."""
        if "township_code" not in frame.columns:
            return
        self.named |= different(frame["township_code"]) - {None}
        covered = townships_of_titles(self.contract, self.titles)
        if not covered or not self.contract.has_township:
            return
        outside = holding(frame["township_code"], lambda code: code not in covered)
        outside = outside & ~any_of([mask for *_, mask in faults], frame.height)
        if outside.any():
            faults.append(("region_code", "area_outside_scope", outside))

    def _indexed(self, table: Table, frame: pl.DataFrame, bad: pl.Series) -> pl.DataFrame:
        """Of each row what the account needs at the end: where it stands, whom and how much money it names, its marks."""
        sheet = pl.lit(len(self._subtotals) - 1, dtype=pl.UInt16).alias("sheet_no")
        person, fen = person_of(frame).alias("person"), fen_of(self.contract, frame).alias("fen")
        marks = marks_of(self.contract, frame, set(table.text))
        also = [bad.alias("bad"), (~blank(table.structure)).alias("broken")]
        return frame.select(sheet, "row_no", person, fen).hstack([*marks, *also])

    def _quarantine(self, lines: pl.DataFrame) -> None:
        self.rules.update(
            lines["rule_id"].to_list()
            if lines.height < 50
            else dict(lines["rule_id"].value_counts().rows())
        )
        self.quarantine_lines.add(lines)

    def decide_month(self) -> str:
        """The month of the source, when everything was read."""
        return decide_month(self.months, self.unsure, self.titles, self._folder, self._name)

    def dataset_and_month(self) -> tuple[str | None, str | None]:
        """Dataset and month of a source that is refused, as far as they are beyond doubt."""
        told = self.months | {
            month
            for month in (month_by_words(self.titles, self._folder, ""), self._folder)
            if month
        }
        return (self.contract.dataset if self.contract else None), (
            told.pop() if len(told) == 1 else None
        )

    def settle(self, reading: Reading, month: str) -> None:
        """The reading of what was gathered. Refuses a file without a usable row, or with id numbers that Excel destroyed."""
        contract = self.contract
        reading.dataset, reading.month = contract.dataset, month
        named = self.named & {*known_townships(), *counties()}
        said = [*self.titles, self._name]
        reading.scope, reading.townships = decide_townships(
            contract, self.titles, named, said, month
        )
        covered = named & set(reading.townships) or set(reading.townships)
        otherwise = named_otherwise(contract, self.titles, self._name, covered)
        unnamed = None if speaks_for(named, said) else "county_unnamed"
        reading.holds = [why for why in (otherwise, unnamed) if why]
        reading.absent = [
            c.name for c in contract.columns if not c.required and c.name not in self.given
        ]
        if self.lost and self.lost * 2 >= self.height:
            raise Refused("id_precision_lost")
        self._cover(reading, contract)
        index = pl.concat(self._index)
        self._index.clear()
        index = self._take_out_copies(contract, index)
        if len(reading.townships) == 1:
            owner = reading.townships[0]
            self.quarantine_lines, self.legible = (
                frames.changed(lambda lines: lines.with_columns(_owned(lines, owner)))
                for frames in (self.quarantine_lines, self.legible)
            )
        reading.accepted_rows, reading.quarantine_lines, reading.legible = (
            self.accepted_rows,
            self.quarantine_lines,
            self.legible,
        )
        reading.not_data, reading.around = (
            self.not_data.total(),
            dict(sorted(self.not_data.items())),
        )
        reading.unread = sorted({f"sheet_unread:{name.replace(',', '，')}" for name in self.unread})
        reading.reasons = [*sorted(self.rules), *reading.unread]
        self._count(reading, contract, index)

    def entitle(self, reading: Reading) -> None:
        """The names of the file and of the member of an archive as they may be shown."""
        reading.name, reading.member = map(self._people.shown, self._titles)

    def _cover(self, reading: Reading, contract: Dataset) -> None:
        """What the file's own rows tell to be a name is taken out of free text and of the names of file and sheets."""
        self.entitle(reading)
        labels = self._people.labels()
        if labels:
            self._subtotals = {
                labels.get(sheet, sheet): subtotals for sheet, subtotals in self._subtotals.items()
            }
            relabelled = pl.col("sheet").replace(labels)
            self.accepted_rows = self.accepted_rows.changed(
                lambda rows: rows.with_columns(relabelled)
            )
            self.quarantine_lines = self.quarantine_lines.changed(
                lambda lines: lines.with_columns(relabelled)
            )
            self.legible = self.legible.changed(lambda lines: lines.with_columns(relabelled))
        if labels or (reading.name, reading.member) != self._titles:
            self.flags.append(IN_NAME)
        texts = self._people.texts(contract)
        if texts:
            self.accepted_rows = self.accepted_rows.changed(
                lambda rows: covered(contract, rows, texts)
            )
            self.legible = self.legible.changed(lambda rows: covered(contract, rows, texts))

    def _take_out_copies(self, contract: Dataset, index: pl.DataFrame) -> pl.DataFrame:
        """Copies and conflicting keys go from the accepted rows to the quarantined ones; returns the index without marks."""
        copies = find_copies(index, "status" in self.given)
        index = index.select("sheet_no", "row_no", "person", "fen", "bad")
        if not copies.height:
            return index
        names = list(self._subtotals)
        copies = copies.select("sheet_no", "row_no", "rule_id").with_columns(
            sheet=pl.col("sheet_no").replace_strict(dict(enumerate(names)), return_dtype=pl.String)
        )
        place = pl.Series([None], dtype=pl.String)
        key = next((name for name in contract.key if name != "statistical_month"), "row")

        def without(frame: pl.DataFrame) -> pl.DataFrame:
            found = frame.join(copies, on=["sheet", "row_no"], how="inner")
            town = (
                pl.col("township_code")
                if "township_code" in frame.columns
                else pl.lit(place[0], dtype=pl.String)
            )
            lines = found.select(
                "sheet",
                "row_no",
                town.alias("township_code"),
                pl.when(pl.col("rule_id") == "duplicate_key")
                .then(pl.lit(key if key in self.given else None))
                .cast(pl.String)
                .alias("column_name"),
                "rule_id",
                pl.lit(None, dtype=pl.String).alias("masked_value"),
            )
            self._quarantine(lines.sort("rule_id", descending=True, maintain_order=True))
            self.legible.add(found.select(frame.columns))
            return frame.join(copies, on=["sheet", "row_no"], how="anti", maintain_order="left")

        self.accepted_rows = self.accepted_rows.changed(without)
        places = copies.select("sheet_no", "row_no", copied=pl.lit(True))
        index = index.join(places, on=["sheet_no", "row_no"], how="left", maintain_order="left")
        return index.with_columns(pl.col("bad") | pl.col("copied").fill_null(False)).drop("copied")

    def _quarantined_places(self) -> str:
        """Where the first faults stand, as the clerk finds them: the rows of a refused file are on no list."""
        lines = (
            pl.concat(self.quarantine_lines)
            .sort("sheet", "row_no", maintain_order=True)
            .head(TOLD + 1)
        )
        headers = {column.name: column.header for column in self.contract.columns}
        rows = lines.select("row_no", "column_name").iter_rows()
        told = [f"第{row}行{headers.get(column, '')}" for row, column in rows]
        return "、".join(told[:TOLD]) + "等" * (len(told) > TOLD)

    def _count(self, reading: Reading, contract: Dataset, index: pl.DataFrame) -> None:
        """Counts and sums of the accepted rows; the account must balance in rows, persons and yuan."""
        told: set[str] = set(self.flags)
        told |= {"no_rows"} if not index.height else set()
        tally = Tally(contract)
        for frame in reading.accepted_rows:
            tally.add(frame)
            for code, amount in largest_seen(contract, frame).items():
                reading.largest[code] = max(reading.largest.get(code, 0.0), amount)
            told.update(*(text.split(",") for text in different(frame["flags"]) - {None}))
        places = [lines["sheet", "row_no"] for lines in reading.quarantine_lines]
        reading.accepted, reading.quarantined = (
            tally.rows,
            pl.concat(places).n_unique() if any(map(len, places)) else 0,
        )
        if index.height and not tally.rows:
            raise Refused(f"nothing_usable:{self._quarantined_places()}", *reading.reasons)
        balance(reading, tally, index)
        sums = (compare(subtotals, contract, sheet) for sheet, subtotals in self._subtotals.items())
        reading.totals = list(chain.from_iterable(sums))
        agree = {line["agrees"] for line in reading.totals}
        told |= (
            {"control_total_differs"} if False in agree else {"control_total"} if agree else set()
        )
        reading.totals = [line for line in reading.totals if not line["agrees"]][:50]
        reading.flags = sorted({*reading.flags, *told})
        reading.by_township = tally.by_township(reading.townships)
        reading.content = content_digest(reading, tally)
        reading.places, reading.params = stated_places(reading), stated_params(reading)
        reading.standards = stated_standards(reading)


def _owned(lines: pl.DataFrame, owner: str) -> list[pl.Expr]:
    """The township that a row does not name is the file's one."""
    return [pl.col("township_code").fill_null(owner)] if "township_code" in lines.columns else []


def _row_months(contract: Dataset, table: Table) -> tuple[set[str], set[str]]:
    """The months that the rows give, and those of two readings as they are written; what cannot be read is quarantined later."""
    name = "index_month" if contract.dataset == "cpi_series" else "statistical_month"
    column = contract.column(name)
    if column is None or name not in table.text:
        return set(), set()
    text, kind = table.text[name], table.kind.get(name)
    unsure = set(text.filter(lost_zeros(text, kind)).to_list())
    return different(typed(column, text, kind).value) - {None}, unsure
