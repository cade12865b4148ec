"""Take in what lies in the landing folder: archive, read, judge, load."""

from pathlib import Path

import click

from minzheng.commands import ANY_PATH, new_home_option
from minzheng.custody.home import Home
from minzheng.custody.trail import witnessed
from minzheng.custody.vault import keys_of
from minzheng.intake import take_in
from minzheng.intake.report import tell
from minzheng.operations.rebuild import bring_back_answers
from minzheng.warehouse.connection import LOADING, open_warehouse


@click.command()
@click.option(
    "--landing",
    type=ANY_PATH,
    help="The folder to look into; the home's landing folder if not given.",
)
@new_home_option
@witnessed("intake", "landing")
def command(landing: Path | None, home: Home) -> None:
    """Take in what lies in the landing folder: gate, archive, read, a verdict per file; nothing else.

    Refused or held files are named on stderr and give exit status 1; the others are loaded all the same.

    Example: minzheng intake --landing /srv/inbox
    """

    keys = keys_of(home)
    with open_warehouse(home, mending=True, **LOADING) as connection:
        report = take_in(home, connection, keys, landing)
        bring_back_answers(home, keys, connection)
    raise SystemExit(tell(report))
