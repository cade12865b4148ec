"""The analysts' front door: an edition of a frozen release, read-only, as Polars frames.

    import minzheng
    with minzheng.open() as wh:
        wh.search("床位")
        wh.indicator("养老机构护理型床位占比", by="township", start="2024-01")

Everything comes from the `snapshot.duckdb` of one edition, or from its tables where it has none: a running pipeline neither
blocks nor is blocked, and nothing about a person can be reached. Codes and Chinese (or English) names are understood everywhere.
"""

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import duckdb
import polars as pl

from minzheng.contracts.editions import CODE_LENGTH, Level
from minzheng.contracts.indicators import DIMENSIONS, Dimension
from minzheng.custody.home import Home
from minzheng.disclosure.frames import SCHEMAS, ReleaseFrames
from minzheng.errors import MinzhengError
from minzheng.months import check_month
from minzheng.publish.analyst.indicator_info import (
    IndicatorInfo,
    indicator_info,
)
from minzheng.publish.analyst.lineage_table import lineage_table
from minzheng.publish.analyst.names import UnknownArea, UnknownIndicator, one_of, resolve
from minzheng.publish.analyst.plots import Plots
from minzheng.publish.analyst.reader import BadQuery, Reader, quoted
from minzheng.publish.cells import TOTAL, Published
from minzheng.publish.release.exchange import read_frame
from minzheng.publish.release.manifest import read_manifest
from minzheng.publish.release.published import (
    BEFORE_EDITIONS,
    UnknownVintage,
    find_revision,
    revisions,
)


def open(
    home: str | Path | Home | None = None,
    *,
    vintage: str | dt.date = "latest",
    edition: str | None = None,
) -> "Warehouse":
    """Open a release of the home (MINZHENG_HOME, else ./home) for reading.

    `edition` is bureau, prefecture or public; without it the fullest that this account may read, which `.edition` names.
    `vintage` is "latest", a month "2024-03" (its newest revision), "2024-03/r1", or a day (a date or "2024-04-20"): then
    the newest month as released by the end of that day. `UnknownVintage` says which releases there are.
    """
    revision = find_revision(home if isinstance(home, Home) else Home.find(home), vintage)
    return Warehouse(revision.edition(edition))


def _tables_of(folder: Path) -> duckdb.DuckDBPyConnection:
    """The edition's tables, closed off: its snapshot, or its Parquet files in memory where it has none."""
    fences = {"enable_external_access": "false", "python_enable_replacements": "false"}
    snapshot = folder / "snapshot.duckdb"
    try:
        if snapshot.is_file():
            config = {**fences, "lock_configuration": "true"}
            return duckdb.connect(str(snapshot), read_only=True, config=config)
        connection = duckdb.connect(config={"python_enable_replacements": "false"})
        for name in SCHEMAS:
            frame = read_frame(folder, name)
            connection.register("frame", frame)
            connection.execute(f'create table "{name}" as select * from frame')
            connection.unregister("frame")
        for name in ("enable_external_access = false", "lock_configuration = true"):
            connection.execute(f"set {name}")
        return connection
    except duckdb.Error as error:
        raise MinzhengError(
            f"cannot open the snapshot in {folder}", f"无法打开 {folder} 中的快照"
        ) from error


class Warehouse(Reader):
    """One edition of a release, read-only. Use as a context manager, or call `close`.

    Every method returns a Polars frame with English column names; cells without a number keep their reason in `status`
    (A normal, P provisional, E estimated, M missing, L not applicable, C withheld). `.to_pandas()` makes a pandas frame
    of any of them.
    """

    def __init__(self, folder: Path):
        super().__init__(_tables_of(folder))
        self.folder = folder
        self._manifest = read_manifest(folder).content

    def __repr__(self) -> str:
        return f"<minzheng release {self.release}, edition {self.edition}>"

    @cached_property
    def release(self) -> str:
        """The release's name, for example 2024-03-r1."""
        return self._manifest["release"]

    @property
    def edition(self) -> str:
        """Whose edition it is: bureau, prefecture or public; a release of 0.1.0 was the prefecture's."""
        return self._manifest.get("edition", BEFORE_EDITIONS)

    @property
    def month(self) -> str:
        """The month the release is of."""
        return self._manifest["month"]

    @property
    def _home(self) -> Home:
        """The home that the release lies in: home/published/month/revision[/edition]."""
        return Home(self.folder.parents[3 if "edition" in self._manifest else 2])

    def table(self, name: str) -> pl.DataFrame:
        """A published table whole: observations, progress, quality, leads, revisions, indicators, areas, movement,
        sources, files. `MinzhengError` offers the nearest name of those there are."""
        one_of("table", name, self._held)
        return self.sql(f"select * from {quoted(name)}")

    @property
    def _held(self) -> pl.Series:
        return self.sql("select table_name from information_schema.tables")["table_name"]

    @cached_property
    def _indicators(self) -> pl.DataFrame:
        return self.table("indicators")

    @cached_property
    def _areas(self) -> pl.DataFrame:
        return self.table("areas")

    def indicators(self) -> pl.DataFrame:
        """All indicators: code, name_zh, name_en, group, unit, direction, nature, first and last month with a row."""
        spans = self.sql(
            "select indicator_id, min(time_period) as first, max(time_period) as last from observations group by all"
        )
        chosen = self._indicators.rename({"indicator_id": "code", "unit_measure": "unit"}).join(
            spans, left_on="code", right_on="indicator_id", how="left", maintain_order="left"
        )
        return chosen.select(
            "code", "name_zh", "name_en", "group", "unit", "direction", "nature", "first", "last"
        )

    def search(self, words: str) -> pl.DataFrame:
        """Indicators whose code, names or definition hold every word; the columns of `indicators`."""
        texts = self._indicators.select(
            code="indicator_id",
            text=pl.concat_str(
                "indicator_id",
                "name_zh",
                "name_en",
                "definition_zh",
                separator=" ",
                ignore_nulls=True,
            ).str.to_lowercase(),
        )
        held = [
            pl.col("text").str.contains(word.lower(), literal=True) for word in str(words).split()
        ]
        return self.indicators().filter(pl.col("code").is_in(texts.filter(*held)["code"].implode()))

    def code(self, name: str) -> str:
        """The code of an indicator given by code or name; `UnknownIndicator` offers near ones."""
        return resolve(
            name, self._indicators.select("indicator_id", "name_zh", "name_en"), UnknownIndicator
        )

    def area(self, name: str) -> str:
        """The code of an area given by code or name; `UnknownArea` offers near ones."""
        return resolve(name, self._areas.select("code", "name_zh"), UnknownArea)

    def info(self, indicator: str) -> IndicatorInfo:
        """What an indicator is; definitions in English, formula and breakdowns come from the registry in use."""
        code = self.code(indicator)
        named = self._indicators.row(by_predicate=pl.col("indicator_id") == code, named=True)
        held = self.sql(
            "select min(time_period) as first, max(time_period) as last, list(distinct length(ref_area)) as lengths"
            " from observations where indicator_id = $code",
            code=code,
        )
        plan = self.sql(
            "select * from progress where indicator_id = $code order by length(ref_area), plan_id desc limit 1",
            code=code,
        )
        return indicator_info(
            named, held.row(0, named=True), plan.row(0, named=True) if plan.height else {}
        )

    def indicator(
        self,
        indicator: str,
        *,
        by: Level | Sequence[Level] = "county",
        start: str | None = None,
        end: str | None = None,
        area: str | Sequence[str] | None = None,
        breakdown: Dimension | Literal["all"] | None = None,
        vintage: str | dt.date | None = None,
    ) -> pl.DataFrame:
        """The months of an indicator: area, area_name, period, [breakdown,] value, unit, status and what stands behind.

        `by` is county, township or village, or a list of them; `area` one or more codes or names (then `by` is what they are); `start` and
        `end` are months, both included; `breakdown` gives the rows of a dimension, or of all, instead of the totals;
        `vintage` reads another release, as `open` takes it. `value` is null where `status` says why.
        """
        if vintage is not None:
            with open(self._home, vintage=vintage, edition=self.edition) as other:
                return other.indicator(
                    indicator, by=by, start=start, end=end, area=area, breakdown=breakdown
                )
        asked = by if isinstance(by, (list, tuple)) else [by]
        levels = [one_of("by", level, CODE_LENGTH) for level in asked]
        rows = self.sql(
            "select * from observations where indicator_id = $code", code=self.code(indicator)
        )
        if area is None:
            lengths = [CODE_LENGTH[level] for level in levels]
            rows = rows.filter(pl.col("ref_area").str.len_chars().is_in(lengths))
        else:
            names = [area] if isinstance(area, str | int) else area
            rows = rows.filter(pl.col("ref_area").is_in([self.area(name) for name in names]))
        first, last = (
            check_month(start) if start else "0000-00",
            check_month(end) if end else "9999-99",
        )
        return self._shown(
            rows.filter(pl.col("time_period").is_between(pl.lit(first), pl.lit(last))), breakdown
        )

    def _shown(self, rows: pl.DataFrame, breakdown: str | None) -> pl.DataFrame:
        """Observations as analysts read them, totals or the rows of a dimension."""
        if breakdown is None:
            rows, parts = (
                rows.filter(pl.all_horizontal(pl.col(name) == TOTAL for name in DIMENSIONS)),
                (),
            )
        elif one_of("breakdown", breakdown, (*DIMENSIONS, "all")) == "all":
            parts = DIMENSIONS
        else:
            rows, parts = rows.filter(pl.col(breakdown) != TOTAL), (breakdown,)
        named = rows.join(
            self._areas, left_on="ref_area", right_on="code", how="left", maintain_order="left"
        )
        status = (
            pl.when(pl.col("conf_status") == "C").then(pl.lit("C")).otherwise(pl.col("obs_status"))
        )
        return named.select(
            pl.col("ref_area").alias("area"), pl.col("name_zh").alias("area_name"), pl.col("time_period").alias("period"),
            *parts, pl.col("obs_value").alias("value"), pl.col("unit_measure").alias("unit"), status.alias("status"),
            "numerator", "denominator", pl.col("lower_bound").alias("lowest"), pl.col("upper_bound").alias("highest"),
            "definition_version", "note", "release",
        ).sort("area", "period", *parts)  # fmt: skip

    def progress(self, *, area: str | None = None) -> pl.DataFrame:
        """The plan's rows with names, for the county or the area given; columns of the release's progress table."""
        code = self.area(area) if area else min(self._areas["code"], key=len)
        rows = self.sql("select * from progress where ref_area = $area", area=code)
        names = self._indicators.select("indicator_id", "name_zh", unit="unit_measure")
        joined = rows.join(names, on="indicator_id", how="left", maintain_order="left")
        return joined.select(
            "indicator_id", "name_zh", "unit", pl.exclude("indicator_id", "name_zh", "unit")
        )

    def revisions(self, indicator: str | None = None) -> pl.DataFrame:
        """Cells changed by each release up to this one, newest first: release, cell, old and new value, reason."""
        code = self.code(indicator) if indicator else None
        found = []
        for one in revisions(self._home):
            if self.edition in one.editions and (one.month, one.number) <= self._place:
                rows = self._rows_of(one.editions[self.edition], "revisions")
                found.append(rows.select(pl.lit(one.name).alias("release"), pl.all()))
        every = pl.concat(found)
        chosen = every if code is None else every.filter(pl.col("indicator_id") == code)
        return chosen.sort(
            "release",
            "indicator_id",
            "ref_area",
            "time_period",
            descending=[True, False, False, False],
        )

    @property
    def _place(self) -> tuple[str, int]:
        """The release's place in the order of months and revisions."""
        month, _, number = self.release.rpartition("-r")
        return month, int(number)

    def _rows_of(self, folder: Path, name: str) -> pl.DataFrame:
        if folder == self.folder:
            return self.table(name)
        with Warehouse(folder) as other:
            return other.table(name)

    def quality(self, *, township: str | None = None) -> pl.DataFrame:
        """Arrivals (rule `completeness`) and every check's outcome, of the county's or one township's files."""
        rows = self.table("quality")
        return rows.filter(pl.col("township_code") == self.area(township)) if township else rows

    def movement(self, indicator: str | None = None) -> pl.DataFrame:
        """Why the county's headlines are not what they were the month before, in signed parts.

        value = previous_value + new + gone + moved_in + moved_out + denominator + definition + revision; `reason` says
        why the parts are null: missing. Empty for an indicator that is not taken apart, or in older releases.
        """
        rows = self._origin("movement")
        return rows.filter(pl.col("indicator_id") == self.code(indicator)) if indicator else rows

    def lineage(
        self, indicator: str, *, area: str | None = None, month: str | None = None
    ) -> pl.DataFrame:
        """What a number was counted from: a row per dataset and file in force; datasets without a file have null there.

        `area` (the county) and `month` (the release's) say which number. Columns: dataset, title, window (which months'
        files are read: month, year_to_date, all), required, month, township_code, intake_no, name, sha256, received_on,
        rows_accepted, rows_quarantined (null where persons stand behind them), rules and models (lists: the checks of the
        dataset, the SQL that counts). Empty in releases that do not carry it.
        """
        code, area = (
            self.code(indicator),
            self.area(area) if area else min(self._areas["code"], key=len),
        )
        month = check_month(month) if month else self.month
        return lineage_table(self._origin("sources"), self._origin("files"), code, area, month)

    def _origin(self, name: str) -> pl.DataFrame:
        """A table that older releases do not hold: empty there."""
        return self.table(name) if name in self._held else pl.DataFrame(schema=SCHEMAS[name])

    def areas(self) -> pl.DataFrame:
        """The county, its townships and villages: code, name, level, parent."""
        levels = {str(length): level for level, length in CODE_LENGTH.items()}
        length = pl.col("code").str.len_chars()
        parent = pl.when(length > 6).then(
            pl.col("code").str.slice(0, pl.when(length == 9).then(6).otherwise(9))
        )
        level = length.cast(pl.String).replace_strict(levels, default=None, return_dtype=pl.String)
        return self._areas.select(
            "code", pl.col("name_zh").alias("name"), level=level, parent=parent
        )

    @cached_property
    def plot(self) -> Plots:
        """Its charts."""
        return Plots(self.published, self.code)

    @cached_property
    def published(self) -> Published:
        """The release as the report's and the charts' functions take it."""
        return self.published_of(self.month)

    def published_of(self, month: str) -> Published:
        """The same for a folder that is not named after its month, such as a draft's."""
        return Published(ReleaseFrames(**{name: self._origin(name) for name in SCHEMAS}), month)


__all__ = [
    "BadQuery",
    "IndicatorInfo",
    "UnknownArea",
    "UnknownIndicator",
    "UnknownVintage",
    "Warehouse",
    "open",
]
