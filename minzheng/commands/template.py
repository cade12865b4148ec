"""Write a blank workbook for the clerks: headings, lists to choose from, an example row, notes."""

from pathlib import Path

import click

from minzheng.commands import ANY_PATH, month_option
from minzheng.contracts.datasets import dataset as contract
from minzheng.contracts.datasets import dataset_names
from minzheng.custody.vault import write_synced
from minzheng.errors import WrongCall
from minzheng.intake.template import find_dataset, template, title


@click.command()
@click.argument("dataset", required=False)
@click.option(
    "--all", "every", is_flag=True, help="One workbook for each dataset; --to is then a folder."
)
@click.option("--to", type=ANY_PATH, required=True, help="The workbook (.xlsx) or folder to write.")
@month_option(help="Put into the title.")
@click.option("--township", help="Put into the title: the township's nine digits.")
def command(
    dataset: str | None, every: bool, to: Path, month: str | None, township: str | None
) -> None:
    """Write a blank workbook for a dataset, by its name or Chinese title.

    Example: minzheng template dibao_roll --month 2024-03 --township CODE --to dibao.xlsx
    """

    if every == (dataset is not None):
        raise WrongCall("name a dataset, or give --all", "请写明一种表，或用 --all 生成全部")
    found = [contract(name) for name in dataset_names()] if every else [find_dataset(dataset)]
    for one in found:
        path = to / f"{title(one)}.xlsx" if every else to
        path.parent.mkdir(parents=True, exist_ok=True)
        write_synced(path, template(one, month, township))
        click.echo(f"{path}  {one.dataset}")
