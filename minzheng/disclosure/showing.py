"""Who may see what of a month: from the whole frames to those that an edition shows. Nothing else withholds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from itertools import chain, product
from pathlib import Path
from typing import Any

import polars as pl

from minzheng.contracts.datasets import read_yaml
from minzheng.contracts.editions import CODE_LENGTH, Edition, Protection
from minzheng.contracts.indicators import DIMENSIONS, Dimension, registry
from minzheng.contracts.paths import contract, contracts_in
from minzheng.disclosure.attacking import attack
from minzheng.disclosure.frames import KEYS, SCHEMAS, ReleaseFrames
from minzheng.disclosure.releasing import apply
from minzheng.disclosure.reporting import SuppressionReport
from minzheng.disclosure.rules import profile as named_profile
from minzheng.disclosure.widening import widened
from minzheng.errors import MinzhengError
from minzheng.indicators.models import ORDER

Judge = Callable[[pl.DataFrame], dict[str, pl.DataFrame]]
"""From observations to the frames that follow from them: progress, targets, tasks, clauses."""
PLACES = ("ref_area", "township_code", "code")
"""The columns that say of which area a row is; a frame without one is about the county."""


def shown(
    whole: ReleaseFrames,
    edition: Edition,
    judge: Judge | None = None,
    previous: Sequence[pl.DataFrame] = (),
    recall: Path | None = None,
) -> ReleaseFrames:
    """What the readers of an edition see of the whole frames of a month: its tables, areas and breakdowns, protected.

    Frames that the edition does not tell of are empty. `previous`, `recall`: see `shown_observations`. Where figures are
    withheld, `judge` tells anew what follows from them, on what is left, and the revisions are for the release to find.
    """
    told = {field.name: getattr(whole, field.name) for field in fields(whole)}
    kept = {
        name: pl.DataFrame(schema=SCHEMAS[name])
        if name not in edition.tables
        else within(name, frame, edition)
        for name, frame in told.items()
        if frame is not None
    }
    observations = shown_observations(whole.observations, edition, previous, recall)
    if edition.protection is not None:
        judged = judge(observations)
        kept |= {
            name: within(name, frame, edition)
            for name, frame in judged.items()
            if name in edition.tables
        }
        kept["revisions"] = None
    return replace(whole, **kept | {"observations": observations})


def shown_observations(
    whole: pl.DataFrame,
    edition: Edition,
    previous: Sequence[pl.DataFrame] = (),
    recall: Path | None = None,
) -> pl.DataFrame:
    """The observations of the whole that an edition shows, marked free or withheld (`conf_status` F, C).

    `previous`: its earlier observations, as its readers have them, oldest first. `recall`: a file that keeps judgements.
    """
    kept = within("observations", whole, edition)
    if edition.protection is None:
        return kept.with_columns(conf_status=pl.lit("F"))
    return protected(kept, edition.protection, previous, recall)[0]


def protected(
    rows: pl.DataFrame,
    protection: Protection,
    previous: Sequence[pl.DataFrame] = (),
    recall: Path | None = None,
) -> tuple[pl.DataFrame, SuppressionReport]:
    """Observations with every cell withheld that could single out a person, given what readers have, and the report.

    The county's totals that are always shown stay as they are and are protected around. What an attacker still finds is
    withheld too, and attacked again until nothing is found. `MinzhengError` names the cells where what is always shown,
    or what earlier editions showed, gives a count away whatever else is withheld.
    """
    rows = widened(rows.sort(ORDER), named_profile(protection.profile).threshold)
    always, never = (set(frame["row"].to_list()) for frame in fixed_rows(rows, protection))
    also: set[int] = set()
    while True:
        arguments = (registry(), protection.profile, previous)
        released, report = apply(
            rows, *arguments, always=always, never=never, also=also, recall=recall
        )
        if report.unprotected:
            raise colliding(report.unprotected)
        found = attack(
            released, rows, *arguments, always=always, proofs=report.proofs, recall=recall
        )
        if found.safe:
            return without_intervals(released), report
        if found.beside <= also:
            raise colliding([str(count) for count in found.unsafe])
        also |= found.beside


def fixed_rows(rows: pl.DataFrame, protection: Protection) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows (`row`) that are always shown, and those of the same kind that are protected as any other (sensitive)."""
    totals = rows.with_row_index("row").filter(
        pl.col("indicator_id").is_in(of_the_tier(protection)),
        pl.col("ref_area").str.len_chars() == CODE_LENGTH["county"],
        *(pl.col(name) == "_T" for name in DIMENSIONS),
    )
    sensitive = pl.col("indicator_id").is_in(protection.but)
    return totals.filter(~sensitive), totals.filter(sensitive)


def of_the_tier(protection: Protection) -> list[str]:
    """The indicators whose county totals are always shown, but for the sensitive ones among them."""
    tier = [code for code, one in registry().items() if one.tier == protection.always]
    return [*tier, *protection.also]


def colliding(counts: Sequence[str]) -> MinzhengError:
    """The refusal of an edition, with the first cells that cannot be kept; never their values."""
    names = ", ".join(counts[:5])
    return MinzhengError(
        f"the public edition is refused: what is always shown gives away {len(counts)} withheld counts: {names}",
        f"公开版不能制作：固定公开的数字与须隐去的{len(counts)}个单元格冲突：{names}；请修改 contracts/editions.yaml",
    )


def without_intervals(released: pl.DataFrame) -> pl.DataFrame:
    """The observations without the likely final values of provisional figures: they tell the figure they stand around."""
    parts = (
        pl.col("note")
        .str.split(";")
        .list.eval(pl.element().filter(~pl.element().str.starts_with("初步数,")))
    )
    return released.with_columns(note=parts.list.join(";"))


def within(name: str, frame: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The rows of a frame that lie in the edition's areas, indicators and breakdowns."""
    lengths = [CODE_LENGTH[level] for level in edition.areas]
    place = next((column for column in PLACES if column in KEYS[name]), None)
    rows = frame if place is None else frame.filter(pl.col(place).str.len_chars().is_in(lengths))
    if edition.townships is not None and {"indicator_id", "ref_area"} <= set(KEYS[name]):
        county = pl.col("ref_area").str.len_chars() == CODE_LENGTH["county"]
        rows = rows.filter(county | pl.col("indicator_id").is_in(edition.townships))
    if edition.breakdowns == "all" or not set(DIMENSIONS) <= set(KEYS[name]):
        return rows
    total = rows.filter(pl.all_horizontal(pl.col(column) == "_T" for column in DIMENSIONS))
    broken = (
        listed(rows, edition.breakdowns)
        if isinstance(edition.breakdowns, dict)
        else asked_for(rows)
    )
    return pl.concat([total, broken])


def asked_for(rows: pl.DataFrame) -> pl.DataFrame:
    """The breakdowns that the forms ask for."""
    return rows.join(form_cells(), on=["indicator_id", *DIMENSIONS], how="semi")


def listed(rows: pl.DataFrame, breakdowns: Mapping[str, Sequence[Dimension]]) -> pl.DataFrame:
    """The county's breakdowns by the dimensions named for each indicator."""
    pairs = chain.from_iterable(product([code], named) for code, named in breakdowns.items())
    wanted = [
        (pl.col("indicator_id") == code) & (pl.col(dimension) != "_T") for code, dimension in pairs
    ]
    county = pl.col("ref_area").str.len_chars() == CODE_LENGTH["county"]
    return rows.filter(county, pl.any_horizontal(wanted))


@cache
def form_cells() -> pl.DataFrame:
    """The breakdowns that the Ministry's forms and the report ask for: indicator_id and the four dimensions."""
    paths = [*contracts_in("forms"), contract("report/report.yaml")]
    cells = set(chain.from_iterable(_asked(read_yaml(path)) for path in paths))
    return pl.DataFrame(
        sorted(cells), schema=dict.fromkeys(["indicator_id", *DIMENSIONS], pl.String), orient="row"
    )


def _asked(part: Any) -> Iterator[tuple[str, ...]]:
    """The cells with a breakdown that a layout names, at whatever depth."""
    if isinstance(part, dict):
        if part.get("indicator") and (broken := part.get("breakdown")):
            yield (part["indicator"], *(broken.get(name, "_T") for name in DIMENSIONS))
        for inner in part.values():
            yield from _asked(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _asked(inner)
