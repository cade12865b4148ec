"""Quarantined rows: one line per row, column and rule, with the value masked and the township that must mend it."""

import operator
from functools import reduce

import polars as pl

from minzheng.contracts.datasets import Dataset
from minzheng.intake.places import place_name, township_names, townships
from minzheng.intake.rules import Fault, mask
from minzheng.intake.table import Table
from minzheng.intake.typed import by_word

PLACE = {"sheet": pl.String, "row_no": pl.Int32, "township_code": pl.String}
QUARANTINE = PLACE | {"column_name": pl.String, "rule_id": pl.String, "masked_value": pl.String}


def any_of(masks: list[pl.Series], height: int) -> pl.Series:
    """Where any of the masks holds."""
    return reduce(operator.or_, masks, pl.Series([False]).new_from_index(0, height))


def structure_first(table: Table, faults: list[Fault]) -> list[Fault]:
    """A row of another width than the header has that fault alone: its cells stand in the wrong columns."""
    faults = [fault for fault in faults if fault[2].any()]
    if table.structure.null_count() == table.height:
        return faults
    for code in ("column_count", "field_too_long"):
        broken = (table.structure == code).fill_null(False)
        if broken.any():
            faults = [(column, rule, mask & ~broken) for column, rule, mask in faults] + [
                ("row", code, broken)
            ]
    return faults


def with_flags(frame: pl.DataFrame, flags: list[tuple[str, pl.Series]]) -> pl.DataFrame:
    """The codes of a row's flags as one text, null where there are none."""
    told = [(code, mask) for code, mask in flags if mask.any()]
    if not told:
        return frame.hstack(
            [pl.Series("flags", [None], dtype=pl.String).new_from_index(0, frame.height)]
        )
    texts = [pl.when(mask).then(pl.lit(code)) for code, mask in told]
    joined = pl.concat_str(texts, separator=",", ignore_nulls=True)
    return frame.with_columns(joined.replace("", None).cast(pl.String).alias("flags"))


def quarantine_lines(
    contract: Dataset, table: Table, frame: pl.DataFrame, faults: list[Fault]
) -> pl.DataFrame:
    """The lines of a block's faults."""
    parts = [pl.DataFrame(schema=QUARANTINE)]
    if not faults:
        return parts[0]
    township = _owners(frame, table)
    for column, code, mask_ in faults:
        where = mask_.arg_true()
        if not len(where):
            continue
        given = column in table.text
        values = table.text[column].gather(where).to_list() if given else [None] * len(where)
        contracted = contract.column(column)
        personal = contracted is not None and contracted.pii in ("direct", "quasi")
        lines = {
            "sheet": [table.sheet] * len(where),
            "row_no": table.row_no.gather(where),
            "township_code": township.gather(where),
            "column_name": [column if given else None] * len(where),
            "rule_id": [code] * len(where),
            "masked_value": [mask(value, personal) for value in values],
        }
        parts.append(pl.DataFrame(lines, schema=QUARANTINE))
    return pl.concat(parts)


def legible_rows(
    table: Table, frame: pl.DataFrame, faults: list[Fault], bad: pl.Series
) -> pl.DataFrame:
    """The quarantined rows of a block, columns as in `frame`, without the cells that a rule names.

    Where a row has another width than the header nothing of it is told but its place and its township.
    """
    if not bad.any():
        return frame.clear()
    blank: dict[str, list[pl.Series]] = {}
    for column, code, fault in faults:
        whole = code in ("column_count", "field_too_long")
        names = (
            set(frame.columns) - PLACE.keys()
            if whole
            else {"id_no" if column == "person_id_no" else column} - PLACE.keys()
        )
        for name in names & set(frame.columns):
            blank.setdefault(name, []).append(fault)
    shown = [
        pl.when(~pl.lit(any_of(masks, frame.height))).then(pl.col(name)).alias(name)
        for name, masks in blank.items()
    ]
    if "township_code" in frame.columns:
        shown.append(_owners(frame, table).alias("township_code"))
    return frame.with_columns(shown).filter(bad)


def _owners(frame: pl.DataFrame, table: Table) -> pl.Series:
    """The township that must mend each row: of its code, else of its name; null where neither says."""
    owner = pl.Series([None] * frame.height, dtype=pl.String)
    if "township_code" in frame.columns:
        owner = owner.fill_null(frame["township_code"])
    if "region_code" in table.text:
        code = table.text["region_code"].str.slice(0, 9)
        owner = owner.fill_null(code.set(~code.is_in(list(townships())).fill_null(False), None))
    if "township_name" in table.text:
        spelled = table.text["township_name"]
        owner = owner.fill_null(
            by_word(spelled, lambda word: township_names().get(place_name(word)))
        )
    return owner
