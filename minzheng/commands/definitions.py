"""Count an indicator under an old and a new definition, side by side."""

import click

from minzheng.commands import FILE, csv_option, home_option, month_option
from minzheng.contracts.indicators import DIMENSIONS
from minzheng.contracts.regions import county
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.errors import WrongCall
from minzheng.indicators import parallel_runs
from minzheng.months import months_between
from minzheng.publish.release.files import write_csv
from minzheng.warehouse.connection import open_warehouse


@click.command()
@home_option
@click.option("--indicator", required=True, help="The indicator's code.")
@month_option("--month", help="The month to count; without it the definitions are listed.")
@month_option("--first", help="First month of a range, up to --month.")
@click.option(
    "--old", help="Version of the old definition; the one before the month's when not given."
)
@click.option("--new", help="Version of the new definition; the month's when not given.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the new reading."
)
@click.option(
    "--population-source",
    "source",
    help="The source of population figures of the new reading: 常住, 普查, 户籍.",
)
@click.option(
    "--boundaries", type=FILE, help="CSV old_code,new_code: villages under new boundaries."
)
@csv_option("A CSV file with every cell.")
@witnessed(
    "count under two definitions", "indicator", "month", "first", "old", "new", "path", when="month"
)
def command(
    home: Home, indicator, month, first, old, new, settings, source, boundaries, path
) -> None:
    """Show the county's total under both readings; with --to every cell.

    Example: minzheng definitions --indicator tekun_minor_16_17 --month 2024-03
    """

    if not month:
        for version in parallel_runs.indicator_of(indicator).versions:
            until = version.valid_to or ""
            click.echo(
                f"{version.version} {version.valid_from}..{until} {version.sentence.zh} ({version.sentence.en})"
            )
        return
    before, after = parallel_runs.around(indicator, month)
    before = parallel_runs.version_of(indicator, old) if old else before
    after = parallel_runs.version_of(indicator, new) if new else after
    readings = (
        parallel_runs.reading(indicator, before),
        parallel_runs.reading(indicator, after, dict(_setting(text) for text in settings), source),
    )
    moves = parallel_runs.read_moves(boundaries) if boundaries else None
    with open_warehouse(home) as connection:
        cells = parallel_runs.parallel(
            connection, indicator, months_between(first or month, month), *readings, moves
        )
    if path:
        write_csv(cells, path)
    for line in totals(cells):
        click.echo(line)


def _setting(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise WrongCall(f"--set takes NAME=VALUE, not {text!r}", "--set 应写作 参数=数值") from None


def totals(cells) -> list[str]:
    """The county's totals, one line a month: both values, the difference, the notes."""
    import polars as pl

    whole = cells.filter(
        pl.col("ref_area") == county(), *[pl.col(name) == "_T" for name in DIMENSIONS]
    )
    lines = []
    for row in whole.iter_rows(named=True):
        old, new, gap = (_figure(row[name]) for name in ("old_value", "new_value", "difference"))
        notes = dict.fromkeys(note for note in (row["old_note"], row["new_note"]) if note)
        lines.append(
            f"{row['time_period']} {row['indicator_id']}: {row['old_version']} {old or row['old_status']} -> "
            f"{row['new_version']} {new or row['new_status']} (difference {gap or 'none'})"
            + "".join(f" {note}" for note in notes)
        )
    return lines


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
