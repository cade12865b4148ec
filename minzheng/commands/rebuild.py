"""Make the warehouse anew from vault and ledger alone."""

import click

from minzheng.commands import home_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.custody.vault import keys_of
from minzheng.operations.rebuild import rebuild


@click.command()
@home_option
@witnessed("rebuild")
def command(home: Home) -> None:
    """Make the warehouse anew from vault and ledger alone; the old file is kept beside it.

    The register and everything after it are made by the next `minzheng run`.

    Example: minzheng rebuild
    """

    written, aside = rebuild(home, keys_of(home))
    click.echo(
        f"{written} files written again" + (f"; the old warehouse is {aside.name}" if aside else "")
    )
    click.echo(f"已重建：{written}个文件" + (f"；原数据仓库保留为 {aside.name}" if aside else ""))
