"""Take a sent or approved month back."""

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.delivery.package import Package, package_of
from minzheng.delivery.recipients import allow_list
from minzheng.delivery.sending import recall
from minzheng.errors import MinzhengError
from minzheng.months import month_zh


@click.command()
@home_option
@month_option(required=True)
@click.option("--reason", required=True, help="Why; goes into the notice.")
@click.option("--by", required=True, metavar="NAME", help="Who recalls it; kept on record.")
@click.option("--to", "names", multiple=True, metavar="NAME", help="Only this recipient.")
@click.option("--revision", type=int, help="The revision; else the newest.")
@witnessed("recall", "month", "reason", "by", "revision")
def command(
    home: Home, month: str, reason: str, by: str, names: tuple[str, ...], revision: int | None
) -> None:
    """Stop a month from being sent; where it was sent, a notice to the recipient is written beside the package.

    Example: minzheng recall --month 2024-03 --reason 附表2有误 --by 示例局长
    """

    known = allow_list(home)
    chosen = [known.recipient(name) for name in names] or known.recipients
    packages = [
        Package(home, month, revision, one) if revision else package_of(home, month, one)
        for one in chosen
    ]
    recalled = recall(packages, reason, by)
    if not recalled:
        raise MinzhengError(f"nothing of {month} to recall", f"{month_zh(month)}没有可撤回的报送")
    for package in recalled:
        click.echo(
            f"recalled: {package.name} {package.recipient.name}；撤回通知见 {package.shelf}，请转告收件单位"
        )
