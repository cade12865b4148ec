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
    if really:
        click.echo(
            f"mailed: {len(mail_reminders(home, month, texts, sender(home)))} of {len(texts)}"
        )
