"""Approve what was submitted of a month, with a proof of who approves; or send it back."""

import datetime as dt
from pathlib import Path

import click

from minzheng.commands import home_option, month_option
from minzheng.commands.approvers import asked_proof, proof_options
from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.custody.trail import witnessed
from minzheng.delivery import review
from minzheng.delivery.approvers import unlocked
from minzheng.delivery.forms import write_forms
from minzheng.delivery.package import payload
from minzheng.delivery.recipients import EDITION_ZH


@click.command()
@home_option
@month_option(required=True)
@click.option("--by", required=True, metavar="NAME", help="The approver.")
@proof_options()
@click.option(
    "--not-before",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="Send nothing before then.",
)
@click.option("--send-back", metavar="REASON", help="Return it to its author instead.")
@witnessed("approve", "month", "by", "not_before", "send_back")
def command(
    home: Home,
    month: str,
    by: str,
    passphrase_file: Path | None,
    key_file: Path | None,
    not_before: dt.datetime | None,
    send_back: str | None,
) -> None:
    """Approve exactly the bytes in the outbox for exactly their recipients; any later change voids it.

    Example: minzheng approve --month 2024-03 --by 示例局长
    """

    waiting = [] if send_back else review.in_review(home, month)
    for package in waiting:
        zh = EDITION_ZH[package.recipient.edition]
        click.echo(
            f"{package.name} {zh} → {package.recipient.destination}  内容校验码 {payload(package)[:16]}"
        )
    key = unlocked(home, by, asked_proof(passphrase_file, key_file, by))
    if send_back:
        packages = review.send_back(home, month, send_back, by)
        click.echo(f"returned: {len(packages)}")
        return
    embargo = not_before.replace(tzinfo=SHANGHAI) if not_before else None
    packages = review.approve(home, month, by, key, dt.datetime.now(SHANGHAI), embargo)
    write_forms(packages)
    click.echo(f"approved: {', '.join(package.recipient.name for package in packages)}")
