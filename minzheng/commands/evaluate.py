"""The final or mid-term evaluation of a plan: draft it, and freeze the draft once somebody approves it."""

import datetime as dt

import click

from minzheng.commands import home_option, month_option
from minzheng.contracts.plans import plan
from minzheng.custody.egress import refuse_identities
from minzheng.custody.home import Home
from minzheng.custody.ledger import SHANGHAI
from minzheng.custody.trail import witnessed
from minzheng.errors import WrongCall
from minzheng.months import month_zh
from minzheng.publish.cells import full_width
from minzheng.publish.evaluation.frozen import folder_name
from minzheng.publish.evaluation.gathering import gather, judged_month
from minzheng.publish.evaluation.writing import freeze_evaluation, write_evaluation
from minzheng.publish.release.draft import inputs, plan_versions, roll_names
from minzheng.publish.release.frozen import settle
from minzheng.warehouse.connection import open_warehouse


@click.command()
@home_option
@click.option("--plan", "plan_id", required=True, metavar="ID", help="The plan, for example 145.")
@click.option("--mid-term", is_flag=True, help="The mid-term evaluation, not the final one.")
@month_option("--month", help="The month a mid-term evaluation judges by; the plan's middle.")
@click.option("--approved-by", metavar="NAME", help="Freeze the draft as it is, approved by NAME.")
@witnessed("evaluate", "plan_id", "mid_term", "month", "approved_by")
def command(
    home: Home, plan_id: str, mid_term: bool, month: str | None, approved_by: str | None
) -> None:
    """Evaluate a plan as a release of its own: report, tables, page, data, manifest.

    Without --approved-by a draft is written; returns of the last month that are lacking are named, and the draft is
    marked provisional. With it the draft is frozen as the next revision.

    Example: minzheng evaluate --plan 145
    """
    one = plan(plan_id)
    if approved_by is not None:
        if not approved_by.strip():
            raise WrongCall("--approved-by needs a name", "--approved-by 需填写批准人姓名")
        now = dt.datetime.now(SHANGHAI)
        click.echo(
            f"frozen: {freeze_evaluation(home, plan_id, mid_term, approved_by.strip(), now)}"
        )
        return
    chosen = judged_month(one, mid_term, month)
    settle(home)
    with open_warehouse(home) as connection:
        found = gather(home, connection, one, chosen, mid_term)
        names = roll_names(home, connection, chosen)
        folder = home.drafts / folder_name(plan_id, mid_term)
        write_evaluation(
            folder,
            found,
            inputs=inputs(connection, chosen),
            plans=plan_versions(home, chosen),
            gate=lambda written: refuse_identities(written, names),
        )
    click.echo(f"draft: {folder}")
    if found.lacking:
        click.echo(
            f"minzheng: provisional, {chosen} still lacks {len(found.lacking)} returns, named below\n"
            f"民政：初步评估，{month_zh(chosen)}尚缺{'、'.join(map(full_width, found.lacking))}",
            err=True,
        )
