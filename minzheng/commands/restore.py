"""Make a home of a backup."""

from pathlib import Path

import click

from minzheng.commands import FOLDER, new_home_option
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.operations.backup import restore


@click.command()
@new_home_option
@click.option("--from", "source", type=FOLDER, required=True, help="The folder of one backup.")
def command(home: Home, source: Path) -> None:
    """Restore a backup into a home that is new or empty; needs the key the backup was sealed with.

    Example: minzheng restore --from /mnt/backup/minzheng-20240315T023000 --home home
    """

    files = restore(home, Keys.load(), source)
    click.echo(f"{files} files restored to {home.path}")
    click.echo(f"已恢复 {files} 个文件到 {home.path}")
