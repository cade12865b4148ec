"""Recount of the quality of the data itself: rows in quarantine, extracts that came in time, cells revised."""

from itertools import product

import polars as pl

from minzheng.contracts.datasets import dataset_names
from simulation.recount.cells import TOTAL, Needs, blank_where_absent, cells_of, observe
from simulation.recount.known import AREAS, TOWNS, WHOLES, Known, towns_in

EXPECTED = (
    "dibao_roll", "tekun_roll", "lowinc_register", "child_roll", "pwd_roll", "elder_roll", "temp_aid", "application", "payment_ledger",
    "elder_assess", "care_facility", "community_care", "comprehensive_return",
)  # fmt: skip
LISTED = (
    "dibao_roll", "tekun_roll", "lowinc_register", "child_roll", "pwd_roll", "elder_roll", "temp_aid", "application", "payment_ledger",
    "elder_assess", "care_facility", "community_care", "comprehensive_return", "pwd_card", "death_list", "medical_burden",
    "monitored_household", "asset_hit", "cpi_series",
)  # fmt: skip


def quality(known: Known) -> list[pl.DataFrame]:
    """Rows in quarantine among the data rows of the files in force, and extracts that came in time."""
    files, areas = known.files, [*AREAS]
    parts = []
    for column in ("bad", "rows"):
        for name in (TOTAL, *LISTED):
            these = files.filter(pl.col("dataset").is_in(LISTED if name == TOTAL else [name]))
            sums = {
                (row["month"], row["place"]): row["n"]
                for row in pl.concat(
                    [
                        these.filter(pl.col("place").str.starts_with(area))
                        .group_by("month", pl.lit(area).alias("place"))
                        .agg(n=pl.col(column).sum())
                        for area in AREAS
                    ]
                ).to_dicts()
            }
            parts.append(
                (
                    column,
                    cells_of(
                        known.months,
                        areas,
                        lambda m, a, s=sums: float(s[m, a]) if (m, a) in s else None,
                        name,
                    ),
                )
            )
    bad, rows = (
        pl.concat([frame for kind, frame in parts if kind == column]) for column in ("bad", "rows")
    )
    cells = observe(
        known,
        "dq_error_rows",
        "%",
        "ct",
        bad,
        Needs(),
        denominator=rows,
        multiplier=100,
        codes={"category": list(LISTED)},
    )
    keep = ~(
        pl.col("ref_area").is_in(TOWNS)
        & pl.col("category").is_in(["death_list", "asset_hit", "cpi_series"])
    )
    found = [blank_where_absent(cells, rows).filter(keep)]
    first = {
        (row["dataset"], row["month"], row["place"]): row["in_time"] for row in files.to_dicts()
    }
    names = [name for name in dataset_names() if name in EXPECTED]
    came = cells_of(
        known.months,
        areas,
        lambda m, a: float(
            sum(first.get((n, m, t), False) for n, t in product(names, towns_in(a)))
        ),
    )
    due = cells_of(known.months, areas, lambda _, a: float(len(names) * len(towns_in(a))))
    nothing = cells_of(
        known.months, [*WHOLES], lambda *_: None
    )  # no month was released, so none was revised
    found.append(
        blank_where_absent(
            observe(known, "dq_revision_rate", "%", "c", nothing, Needs(), denominator=nothing),
            nothing,
        )
    )
    return [
        *found,
        observe(known, "dq_on_time", "%", "ct", came, Needs(), denominator=due, multiplier=100),
    ]
