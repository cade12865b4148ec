"""Make, check and rotate the keys that seal personal data."""

import click

from minzheng.keys import Keys, default_key_file


@click.group()
def command() -> None:
    """Make and check the keys that seal personal data.

    Example: minzheng keys init
    """


@command.command()
def init() -> None:
    """Make a new key file outside home and repository."""
    keys = Keys.create()
    click.echo(f"key {keys.key_id} written to {default_key_file()}; keep a copy in a safe place")


@command.command()
def check() -> None:
    """Say which key is in use and that its file is intact and private."""
    keys = Keys.load()
    click.echo(f"key {keys.key_id} is intact, check value {keys.check_value}")
