"""Observations drawn as text."""

import polars as pl
import pytest


def numbers(text):
    return float(text) if text else None


@pytest.fixture
def observations():
    """`observations(drawing)`: columns indicator_id, ref_area, time_period, obs_value and whatever else is drawn."""

    def read(drawing: str) -> pl.DataFrame:
        lines = [
            [cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in drawing.strip().splitlines()
        ]
        rows = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
        defaults = {name: "_T" for name in ("residence", "sex", "age_group", "category")}
        defaults |= {"numerator": "", "denominator": ""}
        rows = [defaults | row for row in rows]
        for row in rows:
            row |= {name: numbers(row[name]) for name in ("obs_value", "numerator", "denominator")}
        return pl.DataFrame(
            rows,
            schema_overrides=dict.fromkeys(("obs_value", "numerator", "denominator"), pl.Float64),
        )

    return read
