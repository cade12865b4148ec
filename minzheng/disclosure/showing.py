"""Who may see what of a month: from the whole frames to those that an edition shows. Nothing else withholds."""

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any

import polars as pl

from minzheng.contracts import CONTRACTS, read_yaml
from minzheng.editions import CODE_LENGTH, Edition
from minzheng.publish.frames import KEYS, SCHEMAS, ReleaseFrames
from minzheng.registry import DIMENSIONS

PLACES = ("ref_area", "township_code", "code")
"""The columns that say of which area a row is; a frame without one is about the county."""


def shown(whole: ReleaseFrames, edition: Edition) -> ReleaseFrames:
    """What the readers of an edition are entitled to of the whole frames of a month: its tables, areas and breakdowns.

    Frames that the edition does not tell of are empty.
    """
    told = {field.name: getattr(whole, field.name) for field in fields(whole)}
    kept = {
        name: pl.DataFrame(schema=SCHEMAS[name]) if name not in edition.tables else within(name, frame, edition)
        for name, frame in told.items()
        if frame is not None
    }
    return replace(whole, **kept | {"observations": shown_observations(whole.observations, edition)})


def shown_observations(whole: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The observations of the whole that an edition shows, marked free (`conf_status` F)."""
    return within("observations", whole, edition).with_columns(conf_status=pl.lit("F"))


def within(name: str, frame: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The rows of a frame that lie in the edition's areas and breakdowns."""
    lengths = [CODE_LENGTH[level] for level in edition.areas]
    place = next((column for column in PLACES if column in KEYS[name]), None)
    rows = frame if place is None else frame.filter(pl.col(place).str.len_chars().is_in(lengths))
    if edition.breakdowns == "all" or not set(DIMENSIONS) <= set(KEYS[name]):
        return rows
    total = rows.filter(pl.all_horizontal(pl.col(column) == "_T" for column in DIMENSIONS))
    asked = rows.join(form_cells(), on=["indicator_id", *DIMENSIONS], how="semi")
    return pl.concat([total, asked])


@cache
def form_cells() -> pl.DataFrame:
    """The breakdowns that the Ministry's forms and the report ask for: indicator_id and the four dimensions."""
    paths = [*sorted((CONTRACTS / "forms").glob("*.yaml")), CONTRACTS / "report" / "report.yaml"]
    cells = {cell for path in paths for cell in _asked(read_yaml(path))}
    return pl.DataFrame(sorted(cells), schema=dict.fromkeys(["indicator_id", *DIMENSIONS], pl.String), orient="row")


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
