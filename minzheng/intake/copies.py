"""K07 inside one township: copies of a row, and keys that come twice with different content."""

import numpy as np
import polars as pl

from minzheng.contracts.datasets import Dataset
from minzheng.intake.rows import compared, key_of
from minzheng.intake.rules import ACTIVE
from minzheng.intake.typed import blank, holding, none_of


def marks_of(contract: Dataset, frame: pl.DataFrame, given: set[str]) -> pl.DataFrame:
    """Of each row: `same`, a hash of its content; `key`, one of what identifies it; whether it has a key and is active.

    Hashes have 64 bits: among a million rows two different ones meet with a chance of 1 in 37 million.
    """
    keys = [name for name in key_of(contract) if name in frame.columns]
    nowhere = none_of(frame["row_no"])
    keyed = ~blank(frame["id_no"]) if "id_no" in keys else ~nowhere
    active = holding(frame["status"], ACTIVE.__contains__) if "status" in frame.columns else nowhere
    same = pl.DataFrame(compared(contract, frame, given)).hash_rows()
    key = frame[keys].hash_rows() if keys else nowhere.cast(pl.UInt64)
    marks = {"same": same, "key": key, "keyed": keyed, "active": active}
    return pl.DataFrame([mark.alias(name) for name, mark in marks.items()])


def find_copies(index: pl.DataFrame, has_status: bool) -> pl.DataFrame:
    """The rows of `index` (sheet_no, row_no, the marks, bad, broken) that are copies or conflicts, with their `rule_id`.

    The second and later copies; all rows of a key with different content, except one stopped beside one active row. A row
    that broke another rule still stands for its key: which of two is right, nobody knows. A broken row has none.
    """
    whole = ~index["broken"].to_numpy()
    copy = _repeated(index["same"].to_numpy(), whole)
    first = whole & ~copy & index["keyed"].to_numpy()
    several = np.isin(index["key"].to_numpy(), _found_twice(index["key"].to_numpy(), first)) & first
    conflict = several
    if has_status and several.any():
        single = index.filter(pl.Series(several)).select("key", "active")
        groups = single.group_by("key").agg(pl.len().alias("several"), pl.col("active").sum())
        moved = groups.filter((pl.col("several") == 2) & (pl.col("active") == 1))["key"].to_numpy()
        conflict = several & ~np.isin(index["key"].to_numpy(), moved)
    wanted = (copy | conflict) & ~index["bad"].to_numpy()
    told = np.where(copy[wanted], "duplicate_row", "duplicate_key").tolist()
    places = index["sheet_no", "row_no"].filter(pl.Series(wanted))
    return places.hstack([pl.Series("rule_id", told, dtype=pl.String)])


def _repeated(hashes: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Where a hash stands that stood before, among these places."""
    places = np.flatnonzero(among)
    order = places[np.argsort(hashes[places], kind="stable")]
    found = np.zeros(len(hashes), dtype=bool)
    found[order[1:][hashes[order[1:]] == hashes[order[:-1]]]] = True
    return found


def _found_twice(hashes: np.ndarray, among: np.ndarray) -> np.ndarray:
    """The hashes that stand at more than one of these places."""
    ordered = np.sort(hashes[among])
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
