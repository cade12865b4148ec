"""Show who loaded, looked, approved, released, decrypted or erased, and whether the trail is unbroken."""

import json
from dataclasses import asdict

import click

from minzheng.commands import home_option
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.custody.trail import acts
from minzheng.errors import MinzhengError


@click.command("audit-trail")
@home_option
@click.option("--json", "as_json", is_flag=True, help="A JSON list, for programs.")
@click.option("--head", help="A head noted earlier: the trail must still contain it.")
def command(home: Home, as_json: bool, head: str | None) -> None:
    """Show the audit trail and check its chain. Note the head on paper: a trail cut short no longer contains it.

    Example: minzheng audit-trail --json
    """

    with Ledger(home) as ledger:
        broken, told, heads = ledger.check(), list(acts(ledger)), ledger.heads()
    if broken:
        raise MinzhengError(
            f"the ledger was changed at line {broken}: restore it from its backup",
            f"台账第 {broken} 条被改动:请从备份恢复",
        )
    if head and head not in heads:
        raise MinzhengError(
            "the ledger lacks the noted head: it was cut short", "台账中没有所记的校验值:记录被截短"
        )
    if as_json:
        click.echo(json.dumps([asdict(act) for act in told], ensure_ascii=False, indent=1))
        return
    for act in told:
        about = " ".join(f"{name}={value}" for name, value in act.about.items())
        click.echo(f"{act.at}  {act.who}  {act.what}  {about}")
    click.echo(f"{len(told)} acts; the chain holds; head {heads[-1] if heads else '-'}")
