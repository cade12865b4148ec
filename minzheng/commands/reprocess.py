"""Read refused and quarantined files again, with the aliases and code lists as they are now."""

import click

from minzheng.commands import home_option
from minzheng.duties.trail import witnessed
from minzheng.home import Home


@click.command()
@home_option
@witnessed("reprocess")
def command(home: Home) -> None:
    """Read refused and quarantined files again from the vault, with the aliases and code lists as they are now.

    Example: minzheng reprocess
    """
    from minzheng.intake import open_intake
    from minzheng.intake.report import tell
    from minzheng.vault import keys_of
    from minzheng.warehouse import LOADING, open_warehouse

    keys = keys_of(home)
    with open_warehouse(home, **LOADING) as connection, open_intake(home, connection, keys) as intake:
        report = intake.reprocess()
    raise SystemExit(tell(report))
