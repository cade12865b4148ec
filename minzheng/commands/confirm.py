"""Release a held file on a named person's word."""

import click

from minzheng.commands import home_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.custody.vault import keys_of
from minzheng.intake import open_intake
from minzheng.intake.report import tell
from minzheng.warehouse.connection import LOADING, open_warehouse


@click.command()
@click.argument("intake_no", type=int)
@click.option("--by", required=True, help="Who has looked into it; kept in the ledger.")
@home_option
@witnessed("confirm held file", "intake_no", "by")
def command(intake_no: int, by: str, home: Home) -> None:
    """Release the held file INTAKE_NO: somebody has looked into the jump and it is real.

    Example: minzheng confirm 137 --by 虚构甲
    """

    if not by.strip():
        raise click.BadParameter("a name is needed", param_hint="--by")
    keys = keys_of(home)
    with (
        open_warehouse(home, mending=True, **LOADING) as connection,
        open_intake(home, connection, keys) as intake,
    ):
        report = intake.confirm(intake_no, by.strip())
    raise SystemExit(tell(report))
