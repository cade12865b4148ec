"""Remind townships of what they still owe for a month."""

import datetime as dt
from pathlib import Path

import click

from minzheng.commands import NEW_FILE, home_option, month_option
from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.custody.trail import witnessed
from minzheng.custody.vault import write_synced
from minzheng.delivery.recipients import sender
from minzheng.delivery.schedule import mail_reminders, reminders
from minzheng.intake.completeness import first_month_reported
from minzheng.months import month_zh


@click.command()
@home_option
@month_option(required=True)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As of this day; else today.")
@click.option("--to", "path", type=NEW_FILE, help="Also write the texts to a file.")
@click.option(
    "--really", is_flag=True, help="Mail them to the addresses in settings.toml, [contacts]."
)
@witnessed("remind", "month", when="really")
def command(
    home: Home, month: str, on: dt.datetime | None, path: Path | None, really: bool
) -> None:
    """Write a text for each township that owes something, to paste into the office's chat; `--really` mails them too.

    Example: minzheng remind --month 2024-03
    """
    texts = reminders(home, month, (on or dt.datetime.now(SHANGHAI)).date())
    for text in texts.values():
        click.echo(text)
    if path:
        write_synced(path, "\n".join([*texts.values(), ""]).encode())
    if not texts:
        click.echo(f"{month_zh(month)}：{_nothing_owed(home, month)}")
    if really:
        mailed = mail_reminders(home, month, texts, sender(home))
        click.echo(
            f"已发邮件{len(mailed)}份，共{len(texts)}份 mailed: {len(mailed)} of {len(texts)}"
        )


def _nothing_owed(home: Home, month: str) -> str:
    """Why no township is reminded: all is in, or the home asks nothing of the month."""
    began = first_month_reported(home)
    if began is None:
        return "尚未收到任何报表，不催报 nothing has been taken in yet"
    if month < began:
        return f"本机自{month_zh(began)}起收件，不催报 nothing is owed before {began}"
    return "各乡镇报表已收齐 every township's reports are in"
