"""Check policy staff's worked cases, and write a blank workbook for more."""

from itertools import chain
from pathlib import Path

import click

from minzheng.commands import ANY_PATH, NEW_FILE
from minzheng.custody.vault import write_synced
from minzheng.errors import MinzhengError
from quality.worked_cases import WORKBOOK, check, read_cases, workbook


@click.group()
def command() -> None:
    """Check policy staff's worked cases: what is known of people, and what must come of it.

    Example: minzheng cases check
    """


@command.command(name="check")
@click.argument("files", nargs=-1, type=ANY_PATH)
def check_(files: tuple[Path, ...]) -> None:
    """Compute every case of the workbooks (else of those shipped) and name each line that came out otherwise.

    Example: minzheng cases check 我的案例.xlsx
    """
    cases = list(chain.from_iterable(map(read_cases, files or (WORKBOOK,))))
    answers = check(cases)
    wrong = [answer for answer in answers if not answer.right]
    for answer in wrong:
        click.echo(answer.zh)
    told = (
        f"{len(cases)}个案例，{len(answers)}项：相符{len(answers) - len(wrong)}，不符{len(wrong)}"
    )
    click.echo(told)
    if wrong:
        raise MinzhengError(f"{len(wrong)} of {len(answers)} lines came out otherwise", told)


@command.command()
@click.option("--to", required=True, type=NEW_FILE, help="The workbook to write.")
def template(to: Path) -> None:
    """Write a blank workbook for cases, with lists to choose from and notes.

    Example: minzheng cases template --to 我的案例.xlsx
    """
    write_synced(to, workbook())
    click.echo(f"written 已写出：{to}")
