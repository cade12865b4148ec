"""K07 inside one township: copies of a row, and keys that come twice with different content."""

import polars as pl

from minzheng.contracts import Dataset
from minzheng.intake.rows import compared, key_of
from minzheng.intake.rules import ACTIVE

PLACE = pl.int_range(pl.len(), dtype=pl.UInt32)


def marks_of(contract: Dataset, frame: pl.DataFrame, given: set[str]) -> pl.DataFrame:
    """Of each row: `same`, a hash of its content; `key`, one of what identifies it; whether it has a key and is active.

    Hashes have 64 bits: among a million rows two different ones meet with a chance of 1 in 37 million.
    """
    keys = [name for name in key_of(contract) if name in frame.columns]
    keyed = pl.col("id_no").is_not_null() if "id_no" in keys else pl.lit(True)
    active = pl.col("status").is_in(ACTIVE).fill_null(False) if "status" in frame.columns else pl.lit(False)
    return pl.DataFrame(
        [
            frame.select(compared(contract, frame, given)).hash_rows().alias("same"),
            frame.select(keys).hash_rows().alias("key") if keys else pl.Series("key", [0] * frame.height, dtype=pl.UInt64),
            *frame.select(pl.repeat(True, pl.len()).and_(keyed).alias("keyed"), pl.repeat(True, pl.len()).and_(active).alias("active")),
        ]
    )


def find_copies(index: pl.DataFrame, has_status: bool) -> pl.DataFrame:
    """The rows of `index` (sheet, row_no, the marks, bad, broken) that are copies or conflicts, with their `rule_id`.

    The second and later copies; all rows of a key with different content, except one stopped beside one active row. A row
    that broke another rule still stands for its key: which of two is right, nobody knows. A broken row has none.
    """
    rows = index.filter(~pl.col("broken")).with_columns(copy=~pl.col("same").is_first_distinct())
    single = rows.filter(pl.col("keyed") & ~pl.col("copy"))
    groups = single.filter(single["key"].is_duplicated()).group_by("key").agg(pl.len().alias("several"), pl.col("active").sum())
    if has_status:
        groups = groups.filter(~((pl.col("several") == 2) & (pl.col("active") == 1)))
    conflict = pl.col("keyed") & pl.col("key").is_in(groups["key"].implode())
    rule = pl.when("copy").then(pl.lit("duplicate_row")).when(conflict).then(pl.lit("duplicate_key"))
    return rows.filter(~pl.col("bad")).with_columns(rule_id=rule).filter(pl.col("rule_id").is_not_null())
