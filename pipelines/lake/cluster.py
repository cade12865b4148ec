"""A run on Spark: it deals out counties, one process a task, and carries the rows of persons whom several counties name.

Tasks read and write the lake's Parquet with DuckDB themselves, so that no county must fit into a message; every worker must see
the lake under the same path. What Spark prints goes into a file of the lake.
"""

import contextlib
import os
import re
import shutil
import socket
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minzheng.errors import MinzhengError, WrongCall
from minzheng.warehouse.lake import Lake, definitions, refuse_mixed
from pipelines.lake import worker
from pipelines.lake.task import Done, Task

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

ANSWER = 5.0
"""Seconds within which a master must take a connection."""


def run(path: Path, master: str, months: Sequence[str], memory: str) -> list[Done]:
    """Compute the months of every county of the lake, then what crosses counties; what became of each county, by code.

    `master`: `spark://host:port` or `local[n]`; `memory`: what each task may take, as DuckDB reads it. `MinzhengError` before
    anything is written for a lake that is mixed, a missing Java or pyspark, a master or worker that does not do its part.
    """
    lake = Lake(path.absolute())
    refuse_mixed(lake)
    asked = tasks_of(lake, months, memory)
    with _session(master, lake.path / "spark.log") as session:
        done = _each(session.sparkContext, asked).map(worker.compute).collect()
        failed = {one.county for one in done if one.fault}
        sound = [one for one in asked if one.county not in failed]
        judged = {one.county: one for one in _across(session, sound)} if sound else {}
    for county in lake.counties():
        lake.sweep("result", county)
        lake.sweep("across", county)
    return sorted(judged.get(one.county, one) for one in done)


def tasks_of(lake: Lake, months: Sequence[str], memory: str) -> list[Task]:
    """A task a county: the months, and the later ones that were computed before, for cases go on from month to month."""
    before = set().union(*(lake.months("result", county) for county in lake.counties()))
    every = tuple(sorted({*months, *(month for month in before if month > months[-1])}))
    return [
        Task(str(lake.path), county, every, memory, definitions()) for county in lake.counties()
    ]


def _each(context: "SparkContext", asked: list[Task]) -> Any:
    """The tasks, one a partition, hence one a process."""
    return context.parallelize(asked, len(asked))


def _across(session: "SparkSession", asked: list[Task]) -> list[Done]:
    """Judge every county with the rows that others have of its persons: one shuffle finds the persons, one carries the rows."""
    context, places = session.sparkContext, {one.county: place for place, one in enumerate(asked)}
    crossing = context.broadcast(_crossing(session, asked))
    by_county = {one.county: one for one in asked}
    nobody = context.parallelize([(county, None) for county in places])
    return (
        _each(context, asked)
        .flatMap(lambda one: worker.guests(one, crossing.value))
        .union(nobody)
        .groupByKey(len(places), places.__getitem__)
        .map(lambda pair: worker.judge(by_county[pair[0]], [rows for rows in pair[1] if rows]))
        .collect()
    )


def _crossing(session: "SparkSession", asked: list[Task]) -> dict[str, list[str]]:
    """The persons whom several counties name, each with these counties."""
    from pyspark.sql import functions as f

    def of_partition(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            for place in batch.column("id").to_pylist():
                yield from worker.persons(asked[place])

    named = (
        session.range(0, len(asked), 1, len(asked))
        .mapInArrow(of_partition, "person_key string, county string")
        .groupBy("person_key")
        .agg(f.sort_array(f.collect_list("county")).alias("counties"))
        .where("size(counties) > 1")
    )
    return {row["person_key"]: row["counties"] for row in named.collect()}


@contextlib.contextmanager
def _session(master: str, log: Path) -> Iterator["SparkSession"]:
    """Spark's session with `master`; its faults as one line each."""
    _refuse_silent(master)
    try:
        from py4j.protocol import Py4JError  # optional, and heavy
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise MinzhengError(
            "pyspark is not installed: pip install 'minzheng[spark]'",
            "未安装 pyspark：请运行 pip install 'minzheng[spark]'",
        ) from None
    builder = SparkSession.builder.appName("minzheng").master(re.sub(r"^(local\[[^,\]]+)\]", r"\1,4]", master))  # fmt: skip
    for name, value in _settings().items():
        builder = builder.config(name, value)
    os.environ.setdefault(
        "PYSPARK_PYTHON", sys.executable
    )  # what the workers call; the same unless told
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # pandas 3 may not suit its pandas API
            with _printing_into(log):
                session = builder.getOrCreate()
            try:
                yield session
            finally:
                session.stop()
    except (Py4JError, PySparkException) as error:
        raise _fault_of(str(error), log) from None


def _settings() -> dict[str, str]:
    """What a run asks of Spark, whatever the cluster's own settings say."""
    return {
        "spark.python.worker.reuse": "false",  # a process serves one county, and gives all its memory back
        "spark.executor.memory": "512m",  # the JVM only carries: what computes is outside of it
        "spark.ui.enabled": "false",
    }


@contextlib.contextmanager
def _printing_into(log: Path) -> Iterator[None]:
    """Let the processes that are started meanwhile write their stderr into a file."""
    kept = os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _refuse_silent(master: str) -> None:
    """`MinzhengError` for a master that is none or takes no connection, and where there is no Java."""
    if not re.fullmatch(r"local\[(\d+|\*)\]|spark://[^:/,]+:\d+(,[^:/,]+:\d+)*", master):
        raise WrongCall(
            f"not a master: {master!r}; write spark://host:port, local[2] or local[*]",
            f"主节点写法不对：{master}；应写作 spark://主机:端口、local[2] 或 local[*]",
        )
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java", path=f"{home}/bin" if home else None):
        raise MinzhengError(
            "no Java: install openjdk-17-jre-headless, or let JAVA_HOME name one of 17 or newer",
            "未找到 Java：请安装 openjdk-17-jre-headless，或用 JAVA_HOME 指明（17 或更新）",
        )
    places = re.findall(r"([^:/,]+):(\d+)", master.removeprefix("spark://"))
    if places and not any(_answers(host, int(port)) for host, port in places):
        raise MinzhengError(
            f"the master {master} does not answer: is it running, and is the port open from here?",
            f"主节点 {master} 没有应答：请确认它已启动，且本机可以连接该端口",
        )


def _answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), ANSWER):
        return True
    return False


def _fault_of(text: str, log: Path) -> MinzhengError:
    """A failure of Spark in one line: what a task of ours said, what a worker lacks, else where Spark told more."""
    lacking = re.search(r"ModuleNotFoundError: No module named '([\w.]+)'", text)
    if lacking:
        return MinzhengError(
            f"a worker's Python has no {lacking[1]}: install minzheng[spark] in it, the same version everywhere",
            f"工作节点的 Python 缺少 {lacking[1]}：请在各节点安装同一版本的 minzheng[spark]",
        )
    own = re.search(r"task of county \d+ failed: [^\n]*", text)
    what = own[0] if own else "the cluster gave the run up"
    return MinzhengError(
        f"{what}; what was computed before stands whole, Spark's own words are in {log}",
        f"集群运行中断；此前完成的县月完整有效，Spark 的详细输出见 {log}",
    )
