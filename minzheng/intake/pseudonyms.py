"""Identities out, pseudonyms in: a judged frame becomes the columns of `raw.<dataset>`. Each distinct value is hashed once."""

import numpy as np
import polars as pl
import pyarrow as pa

from minzheng.contracts.datasets import KEY_NAME, MARKED, register_columns
from minzheng.custody.keys import Keys
from minzheng.intake.words import RUNNING

POLARS_TYPE = {
    "VARCHAR": pl.String,
    "DATE": pl.Date,
    "BIGINT": pl.Int64,
    "INTEGER": pl.Int32,
    "BOOLEAN": pl.Boolean,
    "DECIMAL(18,2)": pl.Decimal(18, 2),
    "DECIMAL(18,4)": pl.Decimal(18, 4),
}
LENGTH = 32  # characters of a pseudonym
LARGE, REMEMBERED = 5_000, 100_000  # values of a column at once; of a domain, from file to file
ACTIVE = ["在保", "新增", "恢复"]


class Pseudonyms:
    """Keyed pseudonyms of a run, remembered so that a value is hashed once."""

    def __init__(self, keys: Keys):
        self._keys = keys
        self._known: dict[str, dict[str, str]] = {}

    def of(self, domain: str, values: pl.Series) -> pl.Series:
        """The pseudonyms of a column; null stays null. What a large block holds is not remembered: it would fill the memory."""
        if len(values) > LARGE and not values.null_count() and values.n_unique() * 2 > len(values):
            return self._pseudonyms(domain, values)
        cells = values.to_list()
        known = {} if len(cells) > LARGE else self._known.setdefault(domain, {})
        if len(known) > REMEMBERED:
            known.clear()
        new = pl.Series(list(set(cells).difference(known) - {None}), dtype=pl.String)
        known.update(zip(new.to_list(), self._pseudonyms(domain, new).to_list(), strict=True))
        return pl.Series(list(map(known.get, cells)), dtype=pl.String)

    def _pseudonyms(self, domain: str, values: pl.Series) -> pl.Series:
        """The pseudonym of each value; of nulls there are none here."""
        codes = self._keys.pseudonyms(domain, values.to_list())
        ends = np.arange(0, len(codes) + 1, LENGTH)
        texts = pa.LargeStringArray.from_buffers(
            len(values), pa.py_buffer(ends), pa.py_buffer(codes)
        )
        return pl.from_arrow(texts)

    def person(self, rows: pl.DataFrame, sha256: str) -> pl.Series:
        """Person keys: of the id number, or, where a named person has none, of file, sheet and row."""
        ids = rows["id_no"]
        if "person_name" in rows.columns and ids.null_count():
            lone = pl.select(
                pl.when(ids.is_null() & rows["person_name"].is_not_null()).then(
                    pl.concat_str(
                        pl.lit(f"missing:{sha256}:"),
                        rows["sheet"],
                        pl.lit(":"),
                        rows["row_no"].cast(pl.String),
                    )
                )
            ).to_series()
            ids = ids.fill_null(lone)
        return self.of("person", ids)


def raw_frame(
    name: str, month: str, intake_no: int, sha256: str, rows: pl.DataFrame, pseudonyms: Pseudonyms
) -> pl.DataFrame:
    """The rows as `raw.<name>` keeps them; the input is as `read` judged it."""
    made = _derived(rows, sha256, pseudonyms)
    told = {"month": month, "intake_no": intake_no} | {f"{mark}_mark": "blank" for mark in MARKED}

    def value(name: str) -> pl.Series:
        if name in made:
            return made[name]
        if name in rows.columns and name not in ("month", "intake_no"):
            return rows[name]
        return pl.Series([told.get(name)]).new_from_index(0, rows.height)

    return pl.DataFrame(
        [
            value(column.name).cast(POLARS_TYPE[column.type]).alias(column.name)
            for column in register_columns(name)
        ]
    )


def _derived(rows: pl.DataFrame, sha256: str, pseudonyms: Pseudonyms) -> dict[str, pl.Series]:
    """What stands in no column of the file as it is: keys in place of identities, the card's suffix, who is active."""
    made: dict[str, pl.Series] = {}
    for source, target in KEY_NAME.items():
        if target == "person_key" and "id_no" in rows.columns:
            made[target] = pseudonyms.person(rows, sha256)
        elif source in rows.columns:
            values = _comparable(rows[source])
            if source == "household_no":
                values = _in_village(rows, values)
            made[target] = pseudonyms.of(target.removesuffix("_key"), values)
    if "card_no" in rows.columns:
        made["card_suffix"] = (
            rows["card_no"].str.normalize("NFKC").str.replace_all(r"\s", "").str.slice(18)
        )
    if "status" in rows.columns:
        made["active"] = rows["status"].is_in(ACTIVE)
    return made


def _comparable(values: pl.Series) -> pl.Series:
    """Numbers as they are compared: half width, upper case, without blanks and hyphens."""
    if not values.str.contains(r"[^0-9A-Z]").any():
        return values
    return values.str.normalize("NFKC").str.replace_all(r"[\s-]", "").str.to_uppercase()


def _in_village(rows: pl.DataFrame, numbers: pl.Series) -> pl.Series:
    """Household numbers; a running one (1, 2, 3) together with its village, for each village begins anew."""
    running = numbers.str.contains(RUNNING).fill_null(False)
    if not running.any() or "region_code" not in rows.columns:
        return numbers
    return pl.select(
        pl.when(running).then(rows["region_code"] + "/" + numbers).otherwise(numbers)
    ).to_series()


def identity_frame(raw: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame | None:
    """Who is named in which row, for the vault; None where the dataset names nobody."""
    if "id_no" not in rows.columns or not rows.height:
        return None
    name = rows["person_name"] if "person_name" in rows.columns else pl.lit(None, dtype=pl.String)
    township = (
        raw["township_code"] if "township_code" in raw.columns else pl.lit(None, dtype=pl.String)
    )
    return raw.select(
        "intake_no",
        "sheet",
        "row_no",
        "person_key",
        rows["id_no"].alias("person_id_no"),
        name.alias("person_name"),
        township.alias("township_code"),
    )
