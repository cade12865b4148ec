"""Fill the outbox of a month; with `--really`, send it."""

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.delivery.sending import fill_outbox, order, rehearse, send_waiting
from minzheng.errors import MinzhengError, WrongCall


@click.command()
@home_option
@month_option(help="The month; with --waiting, all that were ordered.")
@click.option(
    "--to", "names", multiple=True, metavar="NAME", help="Only this recipient of delivery.toml."
)
@click.option("--really", is_flag=True, help="Send; without it nothing leaves.")
@click.option(
    "--resend", is_flag=True, help="A person's word: send again what is unknown or has failed."
)
@click.option("--waiting", is_flag=True, help="Go on with what was ordered and is due.")
@click.option("--by", default="", metavar="NAME", help="Who orders it; kept on record.")
@witnessed("deliver", "month", "resend", "by", when="really")
def command(
    home: Home,
    month: str | None,
    names: tuple[str, ...],
    really: bool,
    resend: bool,
    waiting: bool,
    by: str,
) -> None:
    """Pack the month's release for each recipient and show what would be sent; `--really` sends it.

    Sent is only what a second person approved, byte for byte, and only to recipients of delivery.toml.

    Example: minzheng deliver --month 2024-03
    """

    if bool(month) == waiting or (resend and not really):
        raise WrongCall(
            "give either --month or --waiting; --resend needs --really",
            "请指定 --month 或 --waiting；--resend 须与 --really 同用",
        )
    if waiting:
        lines = send_waiting(home)
    else:
        packages = fill_outbox(home, month, names)
        click.echo(f"outbox: {packages[0].shelf}")
        lines = order(packages, resend=resend, by=by) if really else rehearse(packages)
    for line in lines:
        click.echo(line.zh, err=line.fault)
    if not really and not waiting:
        click.echo("以上为预演，未发出任何内容；发出请加 --really。 A dry run: nothing was sent.")
    if faults := [line for line in lines if line.fault]:
        raise MinzhengError(
            "; ".join(line.en for line in faults), f"有{len(faults)}项未能送达，见上"
        )
