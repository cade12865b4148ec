"""Make, check and change the keys that seal personal data."""

import click

from minzheng.commands import any_home_option, home_option
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.vault import check_key, key_file_of
from minzheng.operations.rotation import rotate as change


@click.group()
def command() -> None:
    """Make, check and change the keys that seal personal data.

    Example: minzheng keys init
    """


@command.command()
@any_home_option
def init(home: Home) -> None:
    """Make a new key file outside home and repository.

    Example: minzheng keys init
    """

    path = key_file_of(home)
    keys = Keys.create()
    click.echo(f"key {keys.key_id} written to {path}; keep a copy in a safe place")
    click.echo(f"已生成密钥 {keys.key_id}({path}),请另存备份")


@command.command()
@home_option
def check(home: Home) -> None:
    """Say which key is in use, that its file is intact and private, and that it is the home's.

    Example: minzheng keys check
    """

    keys = Keys.load()
    if (home.vault / "KEY").exists():
        check_key(home, keys)
    click.echo(f"key {keys.key_id} is intact, check value {keys.check_value}")


@command.command()
@home_option
def rotate(home: Home) -> None:
    """Give the home a new key: sealed files and pseudonyms change, figures do not. Finishes an interrupted change.

    Lead workbooks handed out before find their cases when they come back.

    Example: minzheng keys rotate
    """

    done = change(home)
    click.echo(
        f"key {done.old} replaced by {done.new}; destroy {done.retired} when no backup needs it any more"
    )
    click.echo(
        f"密钥 {done.old} 已更换为 {done.new};旧密钥 {done.retired} 在旧备份销毁后请一并销毁"
    )
