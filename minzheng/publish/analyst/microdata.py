"""The register for the bureau's analysts: pseudonymous rows, read-only, on a copy of their own.

    import minzheng
    with minzheng.microdata(purpose="低保对象年龄结构分析") as register:
        register.sql("select township_code, count(*) as persons from register.dibao_roll where month = $month group by all",
                     month="2024-03")

No names, numbers, accounts or birth dates are in it. Each opening is written down with user and purpose before anything is
read. A run is never kept waiting: the warehouse is copied, and copied again while somebody writes to it.
"""

import io
import shutil
import tempfile
import time
from pathlib import Path

import duckdb
import polars as pl

from minzheng.custody.egress import refuse_content
from minzheng.custody.home import Home
from minzheng.custody.trail import note
from minzheng.custody.vault import write_synced
from minzheng.errors import MinzhengError, WrongCall
from minzheng.publish.analyst.reader import Reader, quoted

KEPT = ("register", "indicator")
"""The schemas that analysts read; what the intake and the lead desk work with is not among them."""
PSEUDONYM = r"[0-9a-f]{32}"
PATIENCE = 60
"""Seconds to wait for a moment in which nobody writes to the warehouse."""


def microdata(home: str | Path | Home | None = None, *, purpose: str) -> "Microdata":
    """Open the pseudonymous register of the home (MINZHENG_HOME, else ./home), read-only, for a stated purpose.

    `MinzhengError` where this account may not read the warehouse, or there is none; `WrongCall` without a purpose.
    """
    home = home if isinstance(home, Home) else Home.find(home)
    if not purpose.strip():
        raise WrongCall("microdata needs a purpose", "打开台账明细须写明用途")
    refuse_content(purpose.encode(), "purpose")
    if not home.warehouse.is_file():
        raise MinzhengError(
            f"no warehouse in {home.path}: run a month first",
            f"{home.path} 中没有数据仓库：请先运行一个月",
        )
    note(home, "open microdata", purpose=purpose.strip())
    return Microdata(home, purpose.strip())


class Microdata(Reader):
    """The register at one moment. Use as a context manager, or call `close`.

    The copy has no name any more once it is open: however the process ends, nothing is left of it.
    """

    def __init__(self, home: Home, purpose: str):
        self.home, self.purpose = home, purpose
        home.work.mkdir(exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix="microdata-", dir=home.work) as folder:
            super().__init__(_opened(_copied(home, Path(folder)), home.work))

    def __repr__(self) -> str:
        return f"<minzheng microdata for {self.purpose}>"

    def tables(self) -> pl.DataFrame:
        """What can be read: schema, name, number of rows."""
        return self.sql(
            "select schema_name as schema, table_name as name, estimated_size as rows from duckdb_tables() order by all"
        )

    def table(self, name: str, month: str | None = None) -> pl.DataFrame:
        """A register table whole, or the rows in force in a month: `table("dibao_roll", "2024-03")`."""
        chosen = f"select * from register.{quoted(name)}"
        return (
            self.sql(chosen)
            if month is None
            else self.sql(f"{chosen} where month = $month", month=month)
        )

    def export(self, frame: pl.DataFrame, path: str | Path) -> Path:
        """Write a result as CSV or Parquet (by its ending), written down in the trail; refused where it tells of a person.

        Pseudonyms stay inside: a frame with one has to be summed first.
        """
        path = Path(path)
        texts = frame.select(pl.col(pl.String))
        keys = [name for name in texts.columns if texts[name].str.contains(PSEUDONYM).any()]
        keys += [name for name in frame.columns if name.endswith("_key") and name not in keys]
        if keys:
            raise MinzhengError(
                f"pseudonyms do not leave: {', '.join(keys)}",
                f"代号不得导出，请先汇总：{'、'.join(keys)}",
            )
        content = io.BytesIO()
        if path.suffix.lower() == ".parquet":
            frame.write_parquet(content)
        else:
            content.write("\ufeff".encode())
            frame.write_csv(content)
        refuse_content(content.getvalue(), path.name)
        note(
            self.home,
            "export from microdata",
            purpose=self.purpose,
            path=str(path),
            rows=frame.height,
        )
        write_synced(path, content.getvalue())
        return path


def _copied(home: Home, folder: Path) -> Path:
    """A copy of the warehouse as it stood at one moment: made again as long as it was written to meanwhile."""
    target, patience = folder / "warehouse.duckdb", time.monotonic() + PATIENCE
    while True:
        before = _stamps(home)
        try:
            for source in before:
                shutil.copyfile(
                    source,
                    target.with_name(target.name + source.name.removeprefix(home.warehouse.name)),
                )
        except FileNotFoundError:  # the log was taken in
            continue
        except PermissionError:
            raise MinzhengError(
                "this account may not read the warehouse: only its keeper may",
                "本账户无权读取数据仓库，只有保管人可以",
            ) from None
        if _stamps(home) == before:
            return target
        if time.monotonic() > patience:
            raise MinzhengError(
                "the warehouse is being written to all the time: try again after the run",
                "数据仓库正在写入，请在运行结束后再试",
            )
        time.sleep(0.2)


def _stamps(home: Home) -> dict[Path, tuple[int, int]]:
    """The warehouse and its log with their size and time of writing."""
    paths = (home.warehouse, home.warehouse.with_name(home.warehouse.name + ".wal"))
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in paths if path.exists()}


def _opened(copy: Path, spill: Path) -> duckdb.DuckDBPyConnection:
    """The copy with `KEPT` alone, read-only and closed off; large queries spill into the folder `spill`."""
    try:
        with duckdb.connect(str(copy)) as connection:
            schemas = connection.execute(
                "select distinct schema_name from duckdb_tables()"
            ).fetchall()
            for (name,) in schemas:
                if name not in KEPT:
                    connection.execute(f'drop schema "{name}" cascade')
        config = {"temp_directory": str(spill), "python_enable_replacements": "false"}
        opened = duckdb.connect(str(copy), read_only=True, config=config)
        opened.execute("set enable_external_access = false")
        opened.execute("set lock_configuration = true")
        return opened
    except duckdb.Error as error:
        raise MinzhengError(
            "the copy of the warehouse cannot be opened", "数据仓库副本无法打开"
        ) from error
