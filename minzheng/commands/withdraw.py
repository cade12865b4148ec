"""Take an accepted file out of force, or undo that."""

import click

from minzheng.commands import home_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.custody.vault import keys_of
from minzheng.errors import WrongCall
from minzheng.intake import open_intake
from minzheng.warehouse.connection import LOADING, open_warehouse


@click.command()
@click.argument("intake_no", type=int)
@click.option("--why", help="Why it must not count; kept in the ledger.")
@click.option("--undo", is_flag=True, help="Take a withdrawn file in again.")
@home_option
@witnessed("withdraw file", "intake_no", "why", "undo")
def command(intake_no: int, why: str | None, undo: bool, home: Home) -> None:
    """Take the accepted file INTAKE_NO out of force: the file before it, where there was one, is in force again.

    Its months are computed anew by the next run. The file stays in the vault, and the act in the audit trail.

    Example: minzheng withdraw 137 --why 误将2023年报表报为2024年
    """

    if not undo and not (why or "").strip():
        raise WrongCall("--why is needed", "请用 --why 写明撤回原因")
    keys = keys_of(home)
    with (
        open_warehouse(home, **LOADING) as connection,
        open_intake(home, connection, keys) as intake,
    ):
        report = intake.reinstate(intake_no) if undo else intake.withdraw(intake_no, why.strip())
    for file in report.files:
        click.echo(f"{file.intake_no} {file.name}: {'taken in again' if undo else 'withdrawn'}")
    click.echo(
        "民政:文件已恢复生效,请重新运行有关月份" if undo else "民政:文件已撤回,请重新运行有关月份"
    )
