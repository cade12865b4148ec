"""The lake: what counties tell a province, as Parquet by county, month and table, and what is computed from it.

`<lake>/<zone>/county=<code>/month=2024-03/<table>.parquet`. The zone `register` is written by each county's own home, `result`
and `across` are computed. A county-month is one folder: the name leads to it by a link, so that a new one takes the place of
the old one whole, whoever writes it, dies over it or writes it twice.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import chain
from pathlib import Path

import duckdb

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.paths import CONTRACTS, OWN, SQL
from minzheng.errors import MinzhengError
from minzheng.warehouse.connection import tables_of

INPUT = (
    *tables_of("register", "open"),
    "register.coverage",
    "raw.file",
    "raw.quarantine",
    "lead.outcome",
)
"""The tables that the figures of a county-month are computed from; a month without rows of one has no file of it."""

RESULT = (
    "indicator.observation", "quality.outcome", "quality.finding", "lead.evaluated", "lead.unsure",
    "lead.lead", "lead.lowinc_person", "lead.lowinc_movement", "lead.case_month",
)  # fmt: skip
"""The tables that computing fills, all of them in each county-month."""

ABOUT, OWN_CONTRACTS = "about.json", "contracts"


@dataclass(frozen=True)
class About:
    """What a county-month of the register says of itself: whose, under which key, made by which definitions."""

    county: str
    month: str
    key: str
    definitions: str


@cache
def definitions(*own: Path) -> str:
    """The digest of every contract and model that decides a figure, county lists apart: equal ones give equal figures.

    `own`: folders whose files count beside ours, a home's own contracts.
    """
    digest = hashlib.sha256()
    for path in sorted(chain.from_iterable(root.rglob("*") for root in (CONTRACTS, SQL, *own))):
        if path.is_file() and path.parent.name != "regions":
            digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Lake:
    """A lake's folder; every method names a zone of it and a county."""

    path: Path

    def counties(self) -> list[str]:
        """The counties that have come, the one with most to read first: it takes longest."""
        found = {
            folder.name.removeprefix("county="): sum(
                file.stat().st_size for file in folder.glob("month=*/*.parquet")
            )
            for folder in self.path.glob("register/county=*")
        }
        return sorted(found, key=lambda code: (-found[code], code))

    def folder(self, zone: str, county: str) -> Path:
        """Where a county's months lie."""
        return self.path / zone / f"county={county}"

    def months(self, zone: str, county: str) -> list[str]:
        """The months of a county, in order."""
        return sorted(
            place.name.removeprefix("month=") for place in self.folder(zone, county).glob("month=*")
        )

    def about(self, county: str, month: str) -> About:
        """What a county-month of the register says of itself; `MinzhengError` where it says nothing."""
        path = self.folder("register", county) / f"month={month}" / ABOUT
        try:
            return About(**json.loads(path.read_text(encoding="ascii")))
        except (OSError, ValueError, TypeError):
            raise MinzhengError(
                f"{path} is missing or no account of a county-month: export county {county} again",
                f"{path} 缺失或无法识别：请由 {county} 重新导出",
            ) from None

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        zone: str,
        county: str,
        tables: Iterable[str],
        before: str = "9999-99",
        which: str = "",
    ) -> None:
        """Insert the county's rows of the months before `before` into the tables of the same names; `which`: a condition."""
        for table in tables:
            if files := self.files(zone, county, table, before):
                connection.execute(
                    f"insert into {table} by name select * from read_parquet($files, hive_partitioning = false) {which}",
                    {"files": files},
                )

    def files(self, zone: str, county: str, table: str, before: str = "9999-99") -> list[str]:
        """The Parquet files of a table, by month."""
        found = self.folder(zone, county).glob(f"month=*/{table}.parquet")
        return [
            str(path) for path in sorted(found) if path.parent.name.removeprefix("month=") < before
        ]

    def replace(
        self, zone: str, county: str, months: Sequence[str], write: Callable[[str, Path], None]
    ) -> None:
        """Let `write(month, folder)` make each month anew, then put all of them in the places of the old ones."""
        root, mark = self.folder(zone, county), secrets.token_hex(6)
        root.mkdir(parents=True, exist_ok=True)
        made = {f"month={month}": root / f".month={month}.{mark}" for month in months}
        try:
            for month, folder in zip(months, made.values(), strict=True):
                folder.mkdir()
                write(month, folder)
                _settle(folder)
        except BaseException:
            for folder in made.values():
                shutil.rmtree(folder, ignore_errors=True)
            raise
        for name, folder in made.items():
            point(root / name, folder)

    def sweep(self, zone: str, county: str) -> None:
        """Remove what writers who died have left; nobody may be writing there."""
        root = self.folder(zone, county)
        named = {place.readlink().name for place in root.glob("[!.]*") if place.is_symlink()}
        for left in set(root.glob(".*")) - {root / name for name in named}:
            left.unlink() if left.is_symlink() else shutil.rmtree(left)


def point(place: Path, folder: Path) -> None:
    """Let `place` be the name of `folder`, which lies beside it, at one stroke; what it named before goes."""
    before = place.readlink() if place.is_symlink() else None
    link = folder.with_name(f"{folder.name}.link")
    link.symlink_to(folder.name)
    link.replace(place)
    if before:
        shutil.rmtree(place.parent / before, ignore_errors=True)


def _settle(folder: Path) -> None:
    """Wait until the files of a folder are on the disk."""
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def write_table(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, parameters: dict | None = None
) -> None:
    """The rows of a query as Parquet, in one order, so that the same rows are the same file."""
    connection.execute(
        f"copy (select * from ({query}) order by all) to $path (format parquet, compression zstd)",
        {"path": str(path)} | (parameters or {}),
    )


def write_results(connection: duckdb.DuckDBPyConnection, month: str, folder: Path) -> None:
    """Every table of results of a month."""
    for table in RESULT:
        query = f"select * from {table} where month = $month"
        write_table(connection, query, folder / f"{table}.parquet", {"month": month})


def write_about(folder: Path, about: About) -> None:
    """Say in a county-month's folder what it holds."""
    (folder / ABOUT).write_text(json.dumps(asdict(about)), encoding="ascii")


def link_contracts(lake: Lake, county: str) -> None:
    """Put this home's own contracts beside its months: whoever computes them serves this county by them."""
    root = lake.folder("register", county)
    folder = root / f".{OWN_CONTRACTS}.{secrets.token_hex(6)}"
    if OWN.is_dir():
        shutil.copytree(OWN, folder)
    named = folder / "county.yaml"
    if not named.is_file():
        folder.mkdir(exist_ok=True)
        named.write_text(f'region: "{county}"\n', encoding="ascii")
    point(root / OWN_CONTRACTS, folder)


def refuse_mixed(lake: Lake) -> None:
    """`MinzhengError`, before anything is computed, for a lake whose county-months do not belong together or to us."""
    if not lake.counties():
        raise MinzhengError(
            f"{lake.path} is no lake: no county has exported into it (`minzheng export --lake`)",
            f"{lake.path} 中没有任何县的数据：请先由各县运行 minzheng export --lake",
        )
    known = []
    for county in sorted(lake.counties()):
        months = lake.months("register", county)
        known += [(county, lake.about(county, month)) for month in months]
    for county, told in known:
        if told.county != county:
            raise MinzhengError(
                f"the folder of county {county} holds {told.month} of county {told.county}",
                f"{county} 的目录中放的是 {told.county} 的 {told.month} 数据",
            )
        if told.key != known[0][1].key:
            raise MinzhengError(
                f"county {county} was exported under key {told.key}, county {known[0][0]} under {known[0][1].key}: "
                "persons would not be recognised; export both under the province's one key",
                f"{county} 与 {known[0][0]} 导出时使用的密钥不同，无法辨认同一个人：请统一使用省级密钥重新导出",
            )
        if told.definitions != definitions():
            raise MinzhengError(
                f"{told.month} of county {county} was exported by definitions {told.definitions}, here are "
                f"{definitions()}: install one version everywhere, then export again",
                f"{county} 的 {told.month} 由另一版本的口径导出：请各处统一版本后重新导出",
            )


def refuse_strangers(
    connection: duckdb.DuckDBPyConnection, county: str, townships: Iterable[str]
) -> None:
    """`MinzhengError` for rows of another county, or of a township that neither `townships` nor its region file has."""
    named = " union ".join(
        f"select township_code from register.{name}"
        for name in ("coverage", *(n for n in dataset_names() if dataset(n).has_township))
    )
    rows = connection.execute(
        f"select distinct township_code from ({named}) where township_code is not null and township_code <> $county"
        " and township_code not in (select region_code from register.region) order by all",
        {"county": county},
    ).fetchall()
    for (code,) in rows:
        if not code.startswith(county):
            raise MinzhengError(
                f"the folder of county {county} holds rows of {code[:6]}: two counties under one code",
                f"{county} 的目录中有 {code[:6]} 的行：两个县混在了一个代码下",
            )
        if code not in townships:
            raise MinzhengError(
                f"{code} stands in no list of regions of county {county}",
                f"{county} 的行政区划清单中没有 {code}",
            )
