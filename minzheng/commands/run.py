"""Take in the landing folder, then checks, register, indicators, leads and a draft release of a month, as Dagster runs."""

import gc
from pathlib import Path

import click

from minzheng.commands import ANY_PATH, FOLDER, any_home_option, month_option, say_if_new
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.errors import MinzhengError, WrongCall
from minzheng.months import months_between
from minzheng.operations.unchanged import in_force, remember, standing


@click.command()
@any_home_option
@month_option(help="The month to compute.")
@month_option("--first", help="First month of a range.")
@month_option("--last", help="Last month of a range.")
@click.option("--landing", type=ANY_PATH, help="The landing folder, when it is not in the home.")
@click.option(
    "--again", is_flag=True, help="Compute even when nothing has changed since the last run."
)
@click.option(
    "--engine",
    type=click.Choice(["home", "spark"]),
    default="home",
    show_default=True,
    help="What computes: this home, or Spark with the counties of a lake.",
)
@click.option("--master", help="Spark's master: spark://host:port, local[2], local[*].")
@click.option("--lake", type=FOLDER, help="The lake, under the same path on every worker.")
@click.option(
    "--memory", default="2GB", show_default=True, help="What each of Spark's tasks may take."
)
def command(
    home: Home,
    month: str | None,
    first: str | None,
    last: str | None,
    landing: Path | None,
    again: bool,
    engine: str,
    master: str | None,
    lake: Path | None,
    memory: str,
) -> None:
    """Compute a month, or a range, from what is in the landing folder.

    When no file is new and nothing else changed since a run that did all it was asked to, it says what is in force and ends.

    With --engine spark it computes every county of a lake (`minzheng export`), and then what crosses counties, and needs no home.

    Example: minzheng run --month 2024-03
    """
    if bool(master and lake) != (engine == "spark") or (engine == "home" and (master or lake)):
        raise WrongCall(
            "--engine spark needs --master and --lake, which go with nothing else",
            "--engine spark 须同时给出 --master 和 --lake；其他方式不用这两项",
        )
    months = month_range(month, first, last)
    if engine == "spark":
        run_lake(lake, master, *months, memory)
    else:
        say_if_new(home)
        run_home(home=home, first=months[0], last=months[1], landing=landing, again=again)


@witnessed("run", "first", "last", "landing")
def run_home(home: Home, first: str, last: str, landing: Path | None, again: bool) -> None:
    """Compute the months of a home, unless nothing has changed; `WrongCall` for a prefecture's, which only gathers."""
    folder = (landing or home.landing).absolute()
    before = standing(home, folder, first, last)
    if not again and (found := in_force(home, before)):
        tell_in_force(home, last, *found)
        return
    load_for_good()
    run(home, first, last, landing)
    remember(home, before, folder, first, last)


def run_lake(lake: Path, master: str, first: str, last: str, memory: str) -> None:
    """Compute the months of a lake's counties; one line each for those that could not be, then `MinzhengError`."""
    from pipelines.lake.cluster import run as run_cluster  # DuckDB and Polars, as below

    done = run_cluster(lake, master, months_between(first, last), memory)
    faults = {one.county: one.fault for one in done if one.fault}
    for english, chinese in faults.values():
        click.echo(f"minzheng: {english}\n民政:{chinese}", err=True)
    click.echo(
        f"computed {first}..{last} of {len(done) - len(faults)} counties; "
        f"rows elsewhere decide {sum(one.leads for one in done)} leads"
    )
    if faults:
        raise MinzhengError(
            f"{len(faults)} of {len(done)} counties were left as they were: see the lines above",
            f"{len(done)}个县中有{len(faults)}个未计算，保持原样：请看上面的说明",
        )


def tell_in_force(home: Home, last: str, at: str, counts: list[int]) -> None:
    """Say that nothing was to be done, and what stands."""
    click.echo(
        "nothing has changed since the run of {}: {} files accepted, {} refused, {} held".format(
            at, *counts
        )
    )
    click.echo("自{}运行以来没有变化:接收文件{}个,退回{}个,待确认{}个".format(at, *counts))
    click.echo(f"draft 草稿: {home.drafts / last}")


def load_for_good() -> None:
    """Load what every run needs, and keep the collector of cycles from walking it again and again: it stays to the end.

    Walks through what Dagster and Great Expectations loaded took two of thirty seconds of CPU a month; memory stays the same.
    """
    import pipelines.definitions  # noqa: F401

    gc.freeze()
    gc.set_threshold(50_000)


def month_range(month: str | None, first: str | None, last: str | None) -> tuple[str, str]:
    """The range the options ask for; `WrongCall` when they contradict each other."""
    if bool(month) == bool(first or last) or bool(first) != bool(last):
        raise WrongCall(
            "give either --month, or both --first and --last",
            "请指定 --month,或同时指定 --first 与 --last",
        )
    if first and last and first > last:
        raise WrongCall(
            f"--first {first} is after --last {last}", f"起始月份 {first} 晚于截止月份 {last}"
        )
    return (month, month) if month else (first, last)


def run(
    home: Home,
    first: str,
    last: str,
    landing: Path | None = None,
    *,
    tolerate_refused: bool = False,
) -> None:
    """Receive, compute, draft; say in one line each what was refused, what was stopped, and where to look.

    `MinzhengError` at the end when something was refused (unless that is tolerated) or stopped.
    """
    # Dagster and DuckDB: two seconds that a call with nothing to do does not pay
    from minzheng.warehouse import stale
    from minzheng.warehouse.connection import open_warehouse
    from pipelines.runs import receive_files, run_months

    stale.refuse_several_counties()
    settle(home)
    received = receive_files(home, landing)
    click.echo(f"{received.summary_en}\n{received.summary_zh}")
    for english, chinese in received.problems:
        click.echo(f"minzheng: {english}\n民政:{chinese}", err=True)
    with open_warehouse(home) as connection:
        asked = months_between(first, last)
        stale.refuse_unreported(connection, asked)
        months = stale.months_to_run(connection, first, last)
    report = run_months(home, months, last, asked)
    click.echo(
        f"computed {len(report.months)} month(s): {report.months[0]}..{report.months[-1]}\n"
        f"已计算{len(report.months)}个月：{report.months[0]}至{report.months[-1]}"
        if report.months
        else "nothing computed\n没有需要计算的月份"
    )
    for month, rules in sorted(report.blocked.items()):
        click.echo(
            f"minzheng: {month} was stopped by {rules}\n民政:{month} 核验未通过({rules}),该月结果未更新",
            err=True,
        )
    if last not in report.blocked:
        click.echo(f"draft 草稿: {home.drafts / last}")
    if report.blocked or (received.problems and not tolerate_refused):
        raise MinzhengError(
            "not everything could be done as asked: see the lines above",
            "有事项未能完成:请看上面的说明",
        )


def settle(home: Home) -> None:
    """Before anything runs: set a damaged history aside, end runs whose process is gone, prune, and say what was done.

    Dagster's settings that were edited by hand are told as well.
    """
    from pipelines.instance import bring_up_to_date, set_damaged_aside, tidy  # Dagster, as above

    for aside in set_damaged_aside(home):
        click.echo(
            f"minzheng: the run history was damaged; {aside.name} is kept, a new one begins\n"
            f"民政:运行记录已损坏,原文件保留为 {aside.name},已另建新的",
            err=True,
        )
    for run_id in tidy(home):
        click.echo(
            f"minzheng: run {run_id[:8]} had no process any more and is marked as failed\n"
            f"民政:运行 {run_id[:8]} 的进程已不在,记为失败",
            err=True,
        )
    if not bring_up_to_date(home):
        settings = home.dagster / "dagster.yaml"
        click.echo(
            f"minzheng: {settings} was edited by hand and is left so; compare it with {settings.name}.new\n"
            f"民政:{settings} 已手工修改,未作改动;请与 {settings.name}.new 对照",
            err=True,
        )
