"""The rows of a table typed by their contract, with the faults and flags found on the way."""

import polars as pl

from minzheng.contracts.datasets import Dataset, free_text
from minzheng.contracts.return_items import return_items
from minzheng.id_number import id_number_parts
from minzheng.intake.dates import lost_zeros, odd_date, readings
from minzheng.intake.exposed import IN_CODE, IN_TEXT, MASK, is_kind, numbers_in
from minzheng.intake.rules import Fault, dataset_rules, person_rules, place_rules
from minzheng.intake.standards import amount_rules, person_rules_of_counts
from minzheng.intake.table import Table
from minzheng.intake.typed import by_word, holding
from minzheng.intake.types import Masks, typed

DTYPE = {
    "date": pl.Date,
    "yuan": pl.Decimal(18, 2),
    "int": pl.Int64,
    "flag": pl.Boolean,
    "year": pl.Int32,
}
DTYPE |= {"percent": pl.Decimal(18, 4), "decimal": pl.Decimal(18, 4)}


def typed_rows(
    contract: Dataset, table: Table, month: str
) -> tuple[pl.DataFrame, list[Fault], Masks]:
    """Every row of a table typed; beside the contract's columns: sheet, row_no, what the id number tells, township_code."""
    faults: list[Fault] = []
    flags: Masks = []
    series = [
        pl.repeat(table.sheet, table.height, dtype=pl.String, eager=True).alias("sheet"),
        table.row_no,
    ]
    also: dict[str, pl.Series] = {}
    birth_text = None
    for column in contract.columns:
        if column.name not in table.text:
            continue
        text, kind = table.text[column.name], table.kind.get(column.name)
        if column.name in ("statistical_month", "index_month"):
            text = _settled(text, kind, month)
        blank = column.name in ("person_id_no", "month_value") or (column.name == "remark")
        result = typed(column, text, kind, blank_allowed=blank)
        if column.name == "birth_date":
            birth_text = result
        series.append(result.value.alias(column.name))
        faults += [(column.name, code, mask) for code, mask in result.faults]
        flags += result.flags
        also |= {f"{column.name}.{key}": value for key, value in result.also.items()}
    frame = _covered(contract, _extras(contract, pl.DataFrame(series), also), faults, flags)
    if contract.column("person_id_no"):
        if birth_text is not None and "date_ambiguous" in dict(birth_text.faults):
            frame, faults, flags = _birth_from_id(frame, faults, flags, birth_text.also["text"])
        frame = _persons(contract, table, frame, month, faults, flags)
    if contract.column("region_code") and contract.has_township:
        found, marks, township = place_rules(contract, frame, month)
        faults += found
        flags += marks
        frame = frame.with_columns(township.alias("township_code"))
    faults += [*dataset_rules(contract, frame, month), *person_rules_of_counts(contract, frame)]
    found, marks = amount_rules(contract, frame, month)
    return frame, [*faults, *found], [*flags, *marks]


def _covered(
    contract: Dataset, frame: pl.DataFrame, faults: list[Fault], flags: Masks
) -> pl.DataFrame:
    """The rows with `***` where a free text holds a number, or a name where an organisation belongs; a key so held is a fault."""
    told = None
    for column in free_text(contract.dataset):
        if column.name not in frame.columns:
            continue
        texts = frame[column.name]
        held = numbers_in(texts)
        if column.names:
            held = held | holding(texts, lambda text, kind=column.names: not is_kind(text, kind))
        if not held.any():
            continue
        if column.name in contract.key:
            faults.append((column.name, IN_CODE, held))
        else:
            told = held if told is None else told | held
        frame = frame.with_columns(texts.set(held, MASK))
    if told is not None:
        flags.append((IN_TEXT, told))
    if contract.dataset == "comprehensive_return":
        names = {item.code: item.name for item in return_items()}
        return frame.with_columns(by_word(frame["item_code"], names.get).alias("item_name"))
    return frame


def _settled(text: pl.Series, kind: pl.Series | None, month: str) -> pl.Series:
    """The file's own month, where it is written in a way of two readings of which one is the month that is known otherwise."""
    lost = lost_zeros(text, kind)
    known = (
        [word for word in text.filter(lost).unique().to_list() if month in readings(word)]
        if lost.any()
        else []
    )
    return text.set(lost & text.is_in(known), month) if known else text


def _persons(
    contract: Dataset, table: Table, frame: pl.DataFrame, month: str, faults: list, flags: list
) -> pl.DataFrame:
    nobody = pl.Series("person_id_no", [None] * frame.height, dtype=pl.String)
    text, kind = table.text.get("person_id_no", nobody), table.kind.get("person_id_no")
    found, marks, columns = person_rules(contract, frame, text, kind, month)
    faults += found
    flags += marks
    return frame.with_columns(value.alias(name) for name, value in columns.items())


def _extras(contract: Dataset, frame: pl.DataFrame, also: dict[str, pl.Series]) -> pl.DataFrame:
    """Columns that a value decides beside itself: marks, the tier of a scheme, the reason inside a status."""
    added = []
    for name in ("month_value", "year_to_date_value"):
        if f"{name}.mark" in also:
            added.append(also[f"{name}.mark"].alias(f"{name}_mark"))
        elif contract.column(name):
            added.append(pl.lit("blank").alias(f"{name}_mark"))
    if contract.dataset == "dibao_roll":
        tier = also.get("scheme.tier")
        added.append(
            pl.lit(None, dtype=pl.String).alias("scheme_tier")
            if tier is None
            else tier.alias("scheme_tier")
        )
    if "status.reason" in also and contract.column("stop_reason"):
        blank = pl.Series([None] * frame.height, dtype=pl.String)
        given = frame["stop_reason"] if "stop_reason" in frame.columns else blank
        added.append(given.fill_null(also["status.reason"]).alias("stop_reason"))
    return frame.with_columns(added) if added else frame


def _birth_from_id(frame: pl.DataFrame, faults: list[Fault], flags: Masks, text: pl.Series):
    """An ambiguous birth date is read as the id number says, when that is one of its readings."""
    parts = id_number_parts(frame["person_id_no"])
    kept: list[Fault] = []
    for column, code, mask in faults:
        if (column, code) != ("birth_date", "date_ambiguous"):
            kept.append((column, code, mask))
            continue
        days = [
            day if ambiguous and valid and day in odd_date(word) else None
            for word, day, valid, ambiguous in zip(
                text, parts["birth_date"], parts["valid"], mask, strict=True
            )
        ]
        decided = pl.Series(days, dtype=pl.Date)
        frame = frame.with_columns(frame["birth_date"].fill_null(decided))
        flags = [*flags, ("birth_from_id", decided.is_not_null())]
        kept.append((column, code, mask & decided.is_null()))
    return frame, kept, flags


def key_of(contract: Dataset) -> list[str]:
    """The columns that tell one row from another inside a township."""
    names = [
        "id_no" if name == "person_id_no" else name
        for name in contract.key
        if name != "statistical_month"
    ]
    by_township = contract.has_township and "township_code" not in names
    return [*names, "township_code"] if by_township else names


def compared(contract: Dataset, frame: pl.DataFrame, given: set[str]) -> list[pl.Series]:
    """What two rows must share to be copies: every column of the contract, null where the sheet does not give it."""
    found = []
    for column in contract.columns:
        name = "id_no" if column.name == "person_id_no" else column.name
        there = column.name in given and name in frame.columns
        nothing = pl.Series(name, [None], dtype=DTYPE.get(column.type, pl.String))
        found.append(frame[name] if there else nothing.new_from_index(0, frame.height))
    return found
