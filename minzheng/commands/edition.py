"""Make an edition of a month's draft that is not made by every run: the public's."""

from pathlib import Path

import click

from minzheng.commands import NEW_FILE, EditionType, home_option, month_option
from minzheng.contracts.editions import edition
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.disclosure.utility import page, summary
from minzheng.errors import WrongCall
from minzheng.publish.release.files import write_csv
from minzheng.publish.release.public import make_public, public_utility, seconds_for_public
from minzheng.warehouse.connection import open_warehouse
from quality.report import public_checks

LEVELS_ZH = {
    "county_always": "全县必须公布的指标",
    "county_sensitive": "全县敏感指标",
    "county_other": "全县其他指标",
    "county_breakdown": "全县分组",
    "township": "乡镇",
    "township_breakdown": "乡镇分组",
}


@click.command()
@click.argument("wanted", metavar="NAME", type=EditionType())
@home_option
@month_option(required=True)
@click.option("--utility", type=NEW_FILE, help="Write to this CSV or Markdown file what it shows.")
@witnessed("make an edition", "wanted", "month")
def command(home: Home, wanted: str, month: str, utility: Path | None) -> None:
    """Make the edition NAME of a month from its draft; releasing the month freezes it with the others.

    Only an edition that withholds figures is made by itself (public); `minzheng run` makes the others.

    Example: minzheng edition public --month 2024-03
    """
    if edition(wanted).protection is None:
        raise WrongCall(
            f"the edition {wanted} is made by `minzheng run --month {month}`",
            f"{edition(wanted).title.zh}由 minzheng run 生成",
        )
    say_how_long(home, month)
    with open_warehouse(home) as connection:
        click.echo(f"made 已制作: {make_public(home, connection, month, public_checks)}")
    table = public_utility(home, month)
    for row in summary(table).iter_rows(named=True):
        before = "" if row["before"] is None else f", last release {row['before']}"
        click.echo(
            f"{row['level']}: {row['shown']} of {row['cells']} cells ({row['share']:.1%}), plain rule {row['plain']}{before}\n"
            f"{LEVELS_ZH[row['level']]}：{row['cells']}个单元格公布{row['shown']}个（{row['share']:.1%}），按简单规则为{row['plain']}个"
        )
    if utility and utility.suffix == ".md":
        utility.write_text(page(table, month), encoding="utf-8")
    elif utility:
        write_csv(table, utility)


def say_how_long(home: Home, month: str) -> None:
    """How long the public edition takes, before it begins; nothing where there is no draft to make it from."""
    if (home.drafts / month / "bureau").is_dir():
        click.echo(
            f"making the public edition of {month}, about {seconds_for_public(home, month)} s\n"
            f"民政:正在制作公开版,约需{seconds_for_public(home, month)}秒",
            err=True,
        )
