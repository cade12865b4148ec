"""Write a fictitious county's extracts, and the right figures beside them."""

from pathlib import Path

import click

from minzheng.commands import NEW_FOLDER, month_option
from minzheng.contracts.datasets import dataset, dataset_names
from simulation import simulate


@click.command()
@click.option("--to", type=NEW_FOLDER, required=True, help="Folder to write to.")
@month_option("--first", required=True, help="First month.")
@month_option("--last", required=True, help="Last month.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=7,
    show_default=True,
    help="The same seed gives the same bytes.",
)
@click.option(
    "--scale",
    type=click.Choice(["county", "prefecture", "province"]),
    default="county",
    show_default=True,
    help="How many people.",
)
@click.option(
    "--faults",
    type=click.Choice(["none", "usual", "nasty", "late"]),
    default="none",
    show_default=True,
    help="Mistakes in the files; late: none but lists and parts of lists that come one or two months later.",
)
@click.option(
    "--optional",
    multiple=True,
    type=click.Choice([name for name in dataset_names() if dataset(name).optional]),
    help="An optional dataset that the county sends as well.",
)
def command(
    to: Path, first: str, last: str, seed: int, scale: str, faults: str, optional: tuple[str, ...]
) -> None:
    """Write extracts as a county would send them, and truth/ beside them: right figures, planted errors and leads.

    Example: minzheng simulate --to landing --first 2024-01 --last 2024-06 --seed 7
    """

    files = simulate(to, first, last, seed, scale, faults, optional=optional)
    click.echo(f"{len(files)} files in {to}; right figures in {to / 'truth'}")
