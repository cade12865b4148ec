"""Enter that a recipient has received a month."""

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.delivery.package import Package, package_of
from minzheng.delivery.recipients import allow_list
from minzheng.delivery.sending import acknowledge
from minzheng.errors import WrongCall


@click.command()
@home_option
@month_option(required=True)
@click.option("--channel", type=click.Choice(["oa", "mail", "sftp"]), help="The way it went; names the recipient where only one goes that way.")  # fmt: skip
@click.option("--to", "recipient", metavar="NAME", help="The recipient, as in delivery.toml.")
@click.option(
    "--ref", required=True, help="Their receipt: document number, reply, name and time of a call."
)
@click.option("--by", default="", metavar="NAME", help="Who enters it; kept on record.")
@click.option("--revision", type=int, help="The revision received; else the newest.")
@witnessed("acknowledge", "month", "channel", "recipient", "ref", "by", "revision")
def command(
    home: Home,
    month: str,
    channel: str | None,
    recipient: str | None,
    ref: str,
    by: str,
    revision: int | None,
) -> None:
    """Record a receipt, also of what was uploaded by hand, and of a delivery nobody knew the end of.

    Example: minzheng acknowledge --month 2024-03 --channel oa --ref 北民函〔2024〕5号
    """

    known = allow_list(home)
    named = [known.recipient(recipient)] if recipient else known.recipients
    found = [one for one in named if channel in (None, one.channel)]
    if len(found) != 1:
        told = "、".join(f"{one.name}（{one.channel}）" for one in known.recipients)
        raise WrongCall(
            f"which recipient? name one with --to: {told}", f"请用 --to 指明收件单位：{told}"
        )
    package = (
        Package(home, month, revision, found[0]) if revision else package_of(home, month, found[0])
    )
    acknowledge(package, ref, by)
    click.echo(f"acknowledged: {package.name} {package.recipient.name}")
