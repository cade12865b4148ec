"""Write a sealed, consistent copy of the home."""

import datetime as dt
from pathlib import Path

import click

from minzheng.commands import NEW_FOLDER, home_option
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.ledger import SHANGHAI
from minzheng.operations.backup import back_up


@click.command()
@home_option
@click.option("--to", type=NEW_FOLDER, required=True, help="The folder of backups.")
def command(home: Home, to: Path) -> None:
    """Back up the home into a new folder under --to. Nothing in it can be read without the key, which is not in it.

    Example: minzheng backup --to /mnt/backup
    """

    target = back_up(home, Keys.load(), to, dt.datetime.now(SHANGHAI).strftime("%Y%m%dT%H%M%S"))
    click.echo(f"backed up to {target}; the key is not in it: keep a copy of the key elsewhere")
    click.echo(f"已备份至 {target};备份中不含密钥,请另处保存密钥")
