"""Make an edition of a month's draft that is not made by every run: the public's."""

from pathlib import Path

import click

from minzheng.commands import EditionType, home_option, month_option
from minzheng.duties.trail import witnessed
from minzheng.editions import edition
from minzheng.errors import WrongCall
from minzheng.home import Home


@click.command()
@click.argument("name", type=EditionType())
@home_option
@month_option(required=True)
@click.option(
    "--utility",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this CSV what it shows.",
)
@witnessed("make an edition", "name", "month")
def command(home: Home, name: str, month: str, utility: Path | None) -> None:
    """Make the edition NAME of a month from its draft; releasing the month freezes it with the others.

    Only an edition that withholds figures is made by itself (public); `minzheng run` makes the others.

    Example: minzheng edition public --month 2024-03
    """
    from minzheng.disclosure.utility import summary
    from minzheng.draft import make_public, public_utility
    from minzheng.publish.files import write_csv
    from minzheng.warehouse import open_warehouse

    if edition(name).protection is None:
        raise WrongCall(
            f"the edition {name} is made by `minzheng run --month {month}`",
            f"{edition(name).title.zh}由 minzheng run 生成",
        )
    with open_warehouse(home) as connection:
        say_how_long(home, month)
        click.echo(f"made: {make_public(home, connection, month)}")
    table = public_utility(home, month)
    for row in summary(table).iter_rows(named=True):
        before = "" if row["before"] is None else f", release before {row['before']}"
        click.echo(
            f"{row['level']}: {row['shown']} of {row['cells']} cells ({row['share']:.1%}), plain rule {row['plain']}{before}"
        )
    if utility:
        write_csv(table, utility)


def say_how_long(home: Home, month: str) -> None:
    """How long the public edition takes, before it begins."""
    from minzheng.draft import seconds_for_public

    seconds = seconds_for_public(home, month)
    click.echo(
        f"making the public edition of {month}, about {seconds} s · 制作公开版,约需{seconds}秒",
        err=True,
    )
