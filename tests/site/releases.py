"""Frozen releases of the fictitious county, as far as analysts read them: tables, snapshot, figure 1 and manifest."""

from dataclasses import replace

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minzheng.contracts.editions import edition
from minzheng.disclosure.frames import SCHEMAS
from minzheng.indicators.revisions import changed_cells
from minzheng.publish.cells import Published
from minzheng.publish.charts.model import progress_chart
from minzheng.publish.charts.svg import draw
from minzheng.publish.release.exchange import write_frames
from minzheng.publish.release.manifest import write_manifest
from minzheng.publish.release.snapshot import write_snapshot
from minzheng.publish.release.writing import versions
from tests.place import AREA
from tests.site.county import LATE, MONTH, frames

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
FORMER, SINCE = 408.0, "2024-02"
"""What r1 said of the county's institution beds in `SINCE`, before a late file came."""


def before_the_late_file(figures):
    """The observations as the first release had them: fewer beds, one township's children not reported."""
    beds = (
        (pl.col("indicator_id") == "inst_beds")
        & (pl.col("ref_area") == AREA)
        & (pl.col("time_period") == SINCE)
    )
    late = (pl.col("indicator_id") == "leftbehind_children") & (pl.col("ref_area") == LATE)
    late &= pl.col("time_period") == SINCE
    return figures.with_columns(
        pl.when(beds)
        .then(FORMER)
        .when(late)
        .then(None)
        .otherwise(pl.col("obs_value"))
        .alias("obs_value"),
        pl.when(late).then(pl.lit("M")).otherwise(pl.col("obs_status")).alias("obs_status"),
    )


def freeze(home, release, given, approved, former=None):
    """Write one release; its revisions are counted against `former`."""
    month, revision = release.split("/")
    folder = home / "published" / month / revision / "bureau"
    folder.mkdir(parents=True)
    name = f"{month}-{revision}"
    figures = given.observations.with_columns(pl.lit(name).alias("release"))
    given = replace(
        given,
        observations=figures,
        revisions=changed_cells((former or given).observations, figures),
    ).shaped()
    write_frames(folder, given, edition("bureau"))
    write_snapshot({table: getattr(given, table) for table in SCHEMAS}, folder / "snapshot.duckdb")
    (folder / "charts").mkdir()
    (folder / "charts" / "progress.svg").write_text(
        draw(progress_chart(Published(given, month))), encoding="utf-8"
    )
    inputs = [
        {
            "name": "养老机构月报.xlsx",
            "sha256": "ab" * 32,
            "dataset": "care_facility",
            "month": month,
        }
    ]
    content = {
        "release": name,
        "edition": "bureau",
        "month": month,
        "state": "released",
        "inputs": inputs,
        "previous": None,
    }
    content["versions"] = versions({})
    write_manifest(folder, {**content, "approval": {"by": "虚构卓玛", "at": approved}}, KEY)
    return given


def county_home(home):
    """A home with 2024-02/r1, 2024-03/r1 and 2024-03/r2; returns its path."""
    early = freeze(
        home,
        "2024-02/r1",
        frames("2023-09", "2024-02", change=before_the_late_file),
        "2024-03-18T10:00:00+08:00",
    )
    first = freeze(
        home,
        f"{MONTH}/r1",
        frames("2023-09", change=before_the_late_file),
        "2024-04-16T10:00:00+08:00",
        early,
    )
    freeze(home, f"{MONTH}/r2", frames("2023-09"), "2024-05-08T10:00:00+08:00", first)
    return home
