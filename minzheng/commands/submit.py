"""Pack a month for its recipients and put it up for review."""

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.delivery.forms import write_forms
from minzheng.delivery.review import submit


@click.command()
@home_option
@month_option(required=True)
@click.option(
    "--prepared-by",
    required=True,
    metavar="NAME",
    help="Who prepared it (填报人); cannot approve it.",
)
@witnessed("submit", "month", "prepared_by")
def command(home: Home, month: str, prepared_by: str) -> None:
    """Pack the month's draft (or release) into the outbox with 送审单 and checklist, for another person to approve.

    Example: minzheng submit --month 2024-03 --prepared-by 示例科员
    """

    packages = submit(home, month, prepared_by)
    write_forms(packages)
    for package in packages:
        click.echo(f"in review: {package.folder}")
    click.echo(f"请批准人看过 {packages[0].shelf} 后运行 minzheng approve --month {month}")
