"""Check whether everything in the home still agrees, and mend what can be mended."""

import click

from minzheng.commands import home_option
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.custody.vault import keys_of
from minzheng.errors import MinzhengError
from minzheng.operations.doctor import examine, repair
from minzheng.operations.environment import environment


@click.command()
@home_option
@click.option(
    "--repair",
    "mend",
    is_flag=True,
    help="Make anew from the vault what can be; nothing is deleted.",
)
def command(home: Home, mend: bool) -> None:
    """Tell what the home runs on, and check ledger, vault, warehouse and releases against each other.

    Exit status 1 when something of the latter does not hold.

    Example: minzheng doctor --repair
    """

    with Ledger(home):  # refuses a home that a newer version wrote, before anything is looked at
        pass
    for fact in environment(home):
        click.echo(fact.line())
    for english, chinese in repair(home, keys_of(home)) if mend else ():
        click.echo(f"{english}\n{chinese}")
    found = examine(home)
    for english, chinese in found:
        click.echo(f"minzheng: {english}\n民政:{chinese}", err=True)
    if found:
        raise MinzhengError(
            f"{len(found)} things do not hold in {home.path}", f"{home.path} 有{len(found)}处不符"
        )
    click.echo(f"everything holds in {home.path}\n{home.path} 各项相符")
