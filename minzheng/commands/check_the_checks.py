"""Plant known errors in clean months and say how many each rule finds: precision and recall."""

from pathlib import Path

import click

from minzheng.commands import csv_option, month_option
from minzheng.errors import MinzhengError
from minzheng.publish.release.files import write_csv
from simulation.scoreboard import scoreboard


@click.command("check-the-checks")
@click.option("--persons", "sizes", type=click.IntRange(40, 5000), multiple=True, default=(40,), show_default=True,
              help="Persons on dibao per township of the drawn county; may be given several times.")  # fmt: skip
@click.option("--seed", "seeds", type=click.IntRange(min=0), multiple=True,
              help="Also simulate a county's months with this seed and compare with its truth; may be given several times.")  # fmt: skip
@month_option("--first", help="First simulated month, 2024-01 unless said.")
@month_option("--last", help="Last simulated month, 2024-03 unless said.")
@csv_option()
def command(
    sizes: tuple[int, ...],
    seeds: tuple[int, ...],
    first: str | None,
    last: str | None,
    path: Path | None,
) -> None:
    """Plant every known error in a clean fictitious county, one at a time, and print precision and recall per rule.

    With --seed the rules also meet simulated months, about ten seconds a month: there every finding of an error rule that
    nobody planted is a false alarm. Exit status 1 when a rule misses an error or raises a false alarm.

    Example: minzheng check-the-checks --seed 7 --seed 11 --seed 23 --to scoreboard.csv
    """

    table = scoreboard(sizes, seeds, first or "2024-01", last or "2024-03")
    click.echo(f"{'规则':<6}{'植入':>6}{'查出':>6}{'误报':>6}{'精确率':>8}{'召回率':>8}  名称")
    for row in table.iter_rows(named=True):
        counts = f"{row['planted']:>8}{row['found']:>8}{row['false_alarms']:>8}"
        click.echo(
            f"{row['rule_id']:<6}{counts}{share(row['precision'])}{share(row['recall'])}  {row['title_zh']}"
        )
    if path:
        write_csv(table, path)
    poor = table.filter((table["missed"] > 0) | (table["false_alarms"] > 0))["rule_id"].to_list()
    if poor:
        raise MinzhengError(
            f"{len(poor)} rules miss an error or raise a false alarm: {', '.join(poor)}",
            f"{len(poor)}条规则有漏查或误报:{'、'.join(poor)}",
        )
    click.echo(f"{table.height}条规则全部查出植入的问题,无误报")


def share(value: float | None) -> str:
    """A share in its column, `-` where there is none."""
    return f"{'-':>11}" if value is None else f"{value:>11.3f}"
