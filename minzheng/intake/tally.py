"""Counting what was accepted, and the law that nothing is lost: in = accepted + quarantined, in rows, persons and yuan."""

import hashlib
from decimal import Decimal

import numpy as np
import polars as pl

from minzheng.contracts.datasets import Dataset
from minzheng.contracts.regions import counties
from minzheng.intake.places import known_townships
from minzheng.intake.reading import Reading
from minzheng.intake.settings import settings


class Tally:
    """Rows, persons, money and content of the accepted rows, from the frames that go to the loader."""

    def __init__(self, contract: Dataset):
        self._contract = contract
        self.rows, self.fen = 0, 0
        self.persons: list[pl.Series] = []
        self.hashes: list[np.ndarray] = []
        self._amounts: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame) -> None:
        """One block of accepted rows."""
        place = pl.col("township_code") if self._contract.has_township else pl.lit(None)
        worth, person = fen_of(self._contract, frame).alias("fen"), person_of(frame).alias("person")
        told = frame.select(
            place.cast(_places(), strict=False).alias("township_code"), worth, person, "row_no"
        )  # with a column as long as the frame beside literals
        self.rows += frame.height
        self.fen += int(told["fen"].sum() or 0)
        self.persons.append(told["person"])
        self.hashes.append(_hashes(frame))
        self._amounts.append(told["township_code", "fen"])

    def by_township(self, covered: list[str]) -> dict[str, list]:
        """Rows, sum and median amount of a row in yuan, by township; the amounts are null where a row has no worth.

        A list whose rows name no township has the same for each place that it covers.
        """
        counts = (
            pl.concat(self._amounts)
            .group_by("township_code")
            .agg(
                pl.len(),
                pl.col("fen").cast(pl.Float64).sum() / 100,
                pl.col("fen").cast(pl.Float64).median().alias("median") / 100,
            )
        )
        if not settings().amounts.get(self._contract.dataset):
            counts = counts.with_columns(pl.lit(None).alias("median"))
        told = {code: worth for code, *worth in counts.sort("township_code").rows()}
        if self._contract.has_township:
            return {code: worth for code, worth in told.items() if code}
        return dict.fromkeys(covered, told[None]) if told else {}


def _places() -> pl.Enum:
    return pl.Enum([*known_townships(), *counties()])


def person_of(frame: pl.DataFrame) -> pl.Expr:
    """A hash of whom a row names: the id number, or, of a named person without one, the row; null where it names nobody."""
    if "id_no" not in frame.columns:
        return pl.lit(None, dtype=pl.UInt64)
    named = pl.col("person_name").is_not_null() if "person_name" in frame.columns else pl.lit(False)
    return (
        pl.when(pl.col("id_no").is_not_null())
        .then(pl.col("id_no").hash())
        .when(named)
        .then(pl.struct("sheet", "row_no").hash(1))
    )


def fen_of(contract: Dataset, frame: pl.DataFrame) -> pl.Expr:
    """What a row is worth, in fen; 0 where it names no money."""
    names = [name for name in settings().amounts.get(contract.dataset, []) if name in frame.columns]
    if not names:
        return pl.lit(0, dtype=pl.Int64)
    return sum((pl.col(name).fill_null(0) * 100).cast(pl.Int64) for name in names)


def balance(reading: Reading, tally: Tally, index: pl.DataFrame) -> None:
    """Rows, persons and yuan in = accepted + quarantined; anything else is a defect that stops the file."""
    bad = index.filter("bad")
    persons = _different(tally.persons)
    only_quarantined = len(np.setdiff1d(_different([bad["person"]]), persons, assume_unique=True))
    reading.persons, reading.persons_quarantined = len(persons), only_quarantined
    account = {
        "rows": (index.height, reading.accepted, reading.quarantined),
        "persons": (len(_different([index["person"]])), len(persons), only_quarantined),
        "fen": (int(index["fen"].sum()), tally.fen, int(bad["fen"].sum())),
    }
    for what, (found, accepted, quarantined) in account.items():
        if found != accepted + quarantined:
            raise AssertionError(
                f"{found} {what} in, {accepted} accepted and {quarantined} quarantined"
            )
    if settings().amounts.get(reading.dataset):
        reading.amount = str((Decimal(tally.fen) / 100).quantize(Decimal("0.01")))
        reading.amount_quarantined = str(
            (Decimal(account["fen"][2]) / 100).quantize(Decimal("0.01"))
        )


def _different(hashes: list[pl.Series]) -> np.ndarray:
    """The different hashes, sorted, nulls left out."""
    parts = [_known(part).to_numpy() for part in hashes] or [np.empty(0, dtype=np.uint64)]
    ordered = np.sort(np.concatenate(parts))
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]


def _known(hashes: pl.Series) -> pl.Series:
    return hashes.drop_nulls() if hashes.null_count() else hashes


def _hashes(frame: pl.DataFrame) -> np.ndarray:
    return frame[sorted(set(frame.columns) - {"sheet", "row_no", "flags"})].hash_rows().to_numpy()


def content_digest(reading: Reading, tally: Tally) -> str:
    """What tells two readings apart whatever the bytes: the rows as typed, without their order and place."""
    digest = hashlib.sha256(
        f"{reading.dataset}/{reading.month}/{','.join(reading.townships)}".encode()
    )
    for parts in (tally.hashes, [_hashes(lines) for lines in reading.quarantine_lines]):
        digest.update(np.sort(np.concatenate(parts)).tobytes() if parts else b"")
    return digest.hexdigest()[:32]
