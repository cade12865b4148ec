"""Read refused and quarantined files again, with the aliases and code lists as they are now."""

import click

from minzheng.commands import home_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.custody.vault import keys_of
from minzheng.intake import open_intake
from minzheng.intake.report import tell
from minzheng.warehouse.connection import LOADING, open_warehouse


@click.command()
@home_option
@witnessed("reprocess")
def command(home: Home) -> None:
    """Read refused and quarantined files again from the vault, with the aliases and code lists as they are now.

    Example: minzheng reprocess
    """

    keys = keys_of(home)
    with (
        open_warehouse(home, mending=True, **LOADING) as connection,
        open_intake(home, connection, keys) as intake,
    ):
        report = intake.reprocess()
    raise SystemExit(tell(report))
