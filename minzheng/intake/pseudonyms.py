"""Identities out, pseudonyms in: a judged frame becomes the columns of `raw.<dataset>`. Each distinct value is hashed once."""

from collections.abc import Mapping

import polars as pl

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
LARGE, REMEMBERED = 5_000, 100_000  # values of a column at once; of a domain, from file to file
ACTIVE = ["在保", "新增", "恢复"]


class Pseudonyms:
    """Keyed pseudonyms of a run, remembered so that a value is hashed once."""

    def __init__(self, keys: Keys):
        self._keys = keys
        self._known: dict[str, dict[str, str]] = {}

    def of(self, domain: str, values: pl.Series) -> pl.Series:
        """The pseudonyms of a column; null stays null. What a large block holds is not remembered: it would fill the memory."""
        known = {} if len(values) > LARGE else self._known.setdefault(domain, {})
        if len(known) > REMEMBERED:
            known.clear()
        return pl.Series(
            [
                None if value is None else self._one(known, domain, value)
                for value in values.to_list()
            ],
            dtype=pl.String,
        )

    def _one(self, known: dict[str, str], domain: str, value: str) -> str:
        found = known.get(value)
        if found is None:
            found = known[value] = self._keys.pseudonym(domain, value)
        return found

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
    values = {"month": pl.lit(month), "intake_no": pl.lit(intake_no)}
    values |= _derived(rows, sha256, pseudonyms)
    columns = [
        _value(column.name, values, rows).cast(POLARS_TYPE[column.type]).alias(column.name)
        for column in register_columns(name)
    ]
    return rows.select(columns) if rows.height else rows.clear().select(columns).clear()


def _value(name: str, values: Mapping[str, pl.Expr | pl.Series], rows: pl.DataFrame) -> pl.Expr:
    if name in values:
        value = values[name]
        return pl.lit(value) if isinstance(value, pl.Series) else value
    if name in rows.columns:
        return pl.col(name)
    return pl.lit("blank" if name.removesuffix("_mark") in MARKED else None)


def _derived(rows: pl.DataFrame, sha256: str, pseudonyms: Pseudonyms) -> dict[str, pl.Series]:
    """What stands in no column of the file as it is: keys in place of identities, the card's suffix, who is active."""
    made: dict[str, pl.Series] = {}
    for source, target in KEY_NAME.items():
        if target == "person_key" and "id_no" in rows.columns:
            made[target] = pseudonyms.person(rows, sha256)
        elif source in rows.columns:
            values = (
                rows[source].str.normalize("NFKC").str.replace_all(r"[\s-]", "").str.to_uppercase()
            )
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
