"""Say in one list what is missing or wrong in the contracts of a home."""

from collections.abc import Iterator

import click

from minzheng.commands import any_home_option
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError


@click.command()
@any_home_option
def command(home: Home) -> None:
    """List what is missing or wrong in the contracts, ours with the home's own: each line a file and what to do.

    Example: minzheng check-contracts --home /srv/minzheng
    """
    from quality.contracts_check import faults  # every loader: a second

    wrong = list(_each_once(faults()))
    for fault in wrong:
        click.echo(fault)
    if wrong:
        raise MinzhengError(
            f"{len(wrong)} faults in the contracts", f"数据合同有{len(wrong)}处要改"
        )
    click.echo("the contracts hold together 数据合同齐全")


def _each_once(lines: Iterator[str]) -> Iterator[str]:
    yield from dict.fromkeys(lines)
