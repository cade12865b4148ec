"""The office at work: records to files, mistakes planted, files written, and the truth set down beside them."""

import datetime as dt
import shutil
from collections.abc import Collection
from itertools import chain
from pathlib import Path

import polars as pl

from minzheng.contracts.datasets import dataset_names
from minzheng.months import add_months, month_start, months_between
from minzheng.waiting import over
from simulation import MARKER, filing, mistakes, parquet_bytes
from simulation.county import records
from simulation.filing import SHANGHAI, Filing
from simulation.recount.known import COUNTY_ONLY, Known, with_identity
from simulation.recount.leads import all_leads
from simulation.recount.observations import observations


def send(
    to: Path,
    first: str,
    last: str,
    seed: int,
    scale: str,
    faults: str,
    progress: bool | None,
    optional: Collection[str] = (),
) -> list[Path]:
    """Make everything; see `simulation.simulate`."""
    months = months_between(first, last)
    shown = progress is not False
    bar = over(range(len(months)), "模拟各月", "simulating months", shown)
    truth = records(first, last, seed, scale, bar, optional)
    filings = []
    for name in dataset_names():
        filings += _plans(name, truth[name], seed, scale) if name in truth else []
    submissions = mistakes.plant(filings, seed, faults)
    if to.exists():
        for folder in [
            to / "truth",
            *(
                path
                for path in to.iterdir()
                if path.is_dir() and len(path.name) == 7 and path.name[4] == "-"
            ),
        ]:
            shutil.rmtree(folder, ignore_errors=True)
    for item in over(submissions.filings, "写出文件", "writing files", shown):
        filing.write(to, item, submissions.overrides)
    write_truth(to / "truth", months, submissions)
    return [to / item.path for item in submissions.filings]


def _plans(name: str, frame: pl.DataFrame, seed: int, scale: str) -> list[Filing]:
    months = frame.group_by("month", maintain_order=True)
    plans = (filing.plan(name, month, rows, seed, scale) for (month,), rows in months)
    return list(chain.from_iterable(plans))


def _taken(submissions: "mistakes.Submissions") -> list[Filing]:
    """The files that are not refused: neither whole, nor because no row of theirs is sound."""
    bad = list(submissions.bad)
    return [
        item
        for item in submissions.filings
        if not item.refused and (item.rows.is_empty() or not item.rows["uid"].is_in(bad).all())
    ]


def in_force(submissions: "mistakes.Submissions") -> list[tuple[Filing, str]]:
    """The file in force for each place: of those not refused the last to come (_G19); a file and the place it speaks for."""
    last: dict[tuple[str, str, str], Filing] = {}
    for item in sorted(_taken(submissions), key=lambda f: (f.received, f.path)):
        for place in item.townships:
            last[item.style.dataset, item.style.month, place] = item
    return [(item, place) for (_, _, place), item in last.items()]


def known(months: list[str], submissions: "mistakes.Submissions") -> Known:
    """Good rows, coverage, absent columns and the files' own figures, of the files in force."""
    parts: dict[str, list[pl.DataFrame]] = {}
    taken = _taken(submissions)
    covered: dict[tuple[str, str], set[str]] = {}
    absent: dict[tuple[str, str], dict[str, frozenset[str]]] = {}
    files = []
    for item, place in in_force(submissions):
        name, month = item.style.dataset, item.style.month
        rows = item.rows if name in COUNTY_ONLY else item.rows.filter(pl.col("township") == place)
        good = rows.filter(~pl.col("uid").is_in(list(submissions.bad)))
        good = good.with_columns(county=pl.lit(place[:6]))
        blank = [column for column in item.style.absent if column in good.columns]
        good = good.with_columns(
            pl.lit(None, dtype=good.schema[column]).alias(column) for column in blank
        )
        parts.setdefault(name, []).append(good)
        covered.setdefault((name, month), set()).add(place)
        absent.setdefault((name, month), {})[place] = frozenset(blank)
        files.append(
            (
                name,
                month,
                place,
                len(rows),
                len(rows) - len(good),
                _in_time(taken, name, month, place),
            )
        )
    frames = {name: pl.concat(frames) if frames else None for name, frames in parts.items()}
    found = {
        name: with_identity(frame) if "person_id_no" in frame.columns else _with_month_end(frame)
        for name, frame in frames.items()
    }
    schema = {
        "dataset": pl.String,
        "month": pl.String,
        "place": pl.String,
        "rows": pl.Int64,
        "bad": pl.Int64,
        "in_time": pl.Boolean,
    }
    return Known(months, found, covered, absent, pl.DataFrame(files, schema=schema, orient="row"))


def _with_month_end(frame: pl.DataFrame) -> pl.DataFrame:
    ends = {
        month: month_start(add_months(month, 1)) - dt.timedelta(1)
        for month in frame["month"].unique()
    }
    return frame.with_columns(month_end=pl.col("month").replace_strict(ends, return_dtype=pl.Date))


def _in_time(taken: list[Filing], name: str, month: str, place: str) -> bool:
    """Whether the first accepted file came by the end of the 15th of the next month, Shanghai time."""
    came = min(
        f.received
        for f in taken
        if f.style.dataset == name and f.style.month == month and place in f.townships
    )
    after = add_months(month, 1)
    return came < dt.datetime(int(after[:4]), int(after[5:7]), 16, tzinfo=SHANGHAI)


def write_truth(folder: Path, months: list[str], submissions: "mistakes.Submissions") -> None:
    """`truth/`: the marker, observations, leads, quarantined rows and the list of files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text(
        "Right figures of simulated files; not an extract.\n", encoding="utf-8"
    )
    seen = known(months, submissions)
    leads = all_leads(seen)
    frames = {
        "observations": observations(seen, leads),
        "leads": leads.select("rule_id", "month", "person_id_no", township_code="township"),
        "quarantine": submissions.quarantine({item.path for item, _ in in_force(submissions)}),
        "files": _file_list(submissions),
    }
    for name, frame in frames.items():
        (folder / f"{name}.parquet").write_bytes(parquet_bytes(frame))


def _file_list(submissions: "mistakes.Submissions") -> pl.DataFrame:
    rows = [
        (
            f.path,
            f.style.dataset,
            f.style.month,
            f.scope,
            ",".join(f.townships),
            f.style.form,
            f.style.encoding,
            len(f.rows),
            f.refused,
            f.reason,
            f.received.isoformat(),
        )
        for f in sorted(submissions.filings, key=lambda f: f.path)
    ]
    names = [
        "file",
        "dataset",
        "month",
        "scope",
        "townships",
        "form",
        "encoding",
        "rows",
        "refused",
        "reason",
        "received_at",
    ]
    return pl.DataFrame(rows, schema=names, orient="row", schema_overrides={"reason": pl.String})
