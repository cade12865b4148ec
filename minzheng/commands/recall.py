"""Take a sent or approved month back."""

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.delivery.package import Package, package_of
from minzheng.delivery.recalling import notify, recall
from minzheng.delivery.recipients import allow_list
from minzheng.errors import MinzhengError
from minzheng.months import month_zh


@click.command()
@home_option
@month_option(required=True)
@click.option("--reason", required=True, help="Why; goes into the notice.")
@click.option("--by", required=True, metavar="NAME", help="Who recalls it; kept on record.")
@click.option("--to", "names", multiple=True, metavar="NAME", help="Only this recipient.")
@click.option("--revision", type=int, help="The revision; else the newest.")
@click.option("--really", is_flag=True, help="Mail the notice to who received the month by mail.")
@click.option("--resend", is_flag=True, help="A person's word: mail a notice again whose end nobody knows.")  # fmt: skip
@click.option("--ref", default="", help="Their receipt of such a notice: name and time of a call.")
@witnessed("recall", "month", "reason", "by", "revision", "really", "resend", "ref")
def command(
    home: Home,
    month: str,
    reason: str,
    by: str,
    names: tuple[str, ...],
    revision: int | None,
    really: bool,
    resend: bool,
    ref: str,
) -> None:
    """Stop a month from being sent; who received it by mail is told by mail with `--really`, for others a notice is written.

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
    lines = [notify(one, really=really, resend=resend, ref=ref, by=by) for one in recalled]
    for line in lines:
        click.echo(line.zh, err=line.fault)
    if faults := [line for line in lines if line.fault]:
        raise MinzhengError(
            "; ".join(line.en for line in faults), f"有{len(faults)}家未能通知，见上"
        )
