"""Fill a workbook that the prefecture supplies from a release, and change nothing else in it."""

from pathlib import Path

import click

from minzheng.commands import FILE, NEW_FILE, edition_option, home_option, month_option
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError, WrongCall
from minzheng.publish.analyst.handle import Warehouse
from minzheng.publish.release.published import find_revision
from minzheng.publish.report.cell_map import fill_workbook, read_cell_map


@click.command()
@home_option
@month_option(required=True)
@click.option(
    "--map",
    "mapped",
    type=FILE,
    required=True,
    help="The cell map (YAML): which cell takes which figure.",
)
@click.option(
    "--workbook", type=FILE, required=True, help="The .xlsx workbook to fill; it is not changed."
)
@click.option("--to", "target", type=NEW_FILE, required=True, help="The filled copy.")
@edition_option("prefecture")
@click.option("--draft", is_flag=True, help="From the month's draft; else from its newest release.")
def command(
    home: Home, month: str, mapped: Path, workbook: Path, target: Path, edition: str, draft: bool
) -> None:
    """Write a copy of the workbook with the mapped cells filled with an edition's figures.

    A missing figure leaves its cell empty; a cell that the edition does not hold is refused. Example map: contracts/forms/example_map.yaml.

    Example: minzheng fill-form --month 2024-03 --map map.yaml --workbook in.xlsx --to out.xlsx
    """

    if target.resolve() == workbook.resolve():
        raise WrongCall("--to must not be the workbook itself", "--to 不能就是原工作簿")
    cells = read_cell_map(mapped)
    with Warehouse(
        drafted(home, month, edition) if draft else find_revision(home, month).edition(edition)
    ) as release:
        published = release.published_of(month)
    fill_workbook(workbook, cells, published, target)
    click.echo(f"{sum(len(sheet.cells) for sheet in cells.sheets)} cells filled in {target}")


def drafted(home: Home, month: str, edition: str) -> Path:
    """The folder of an edition of the month's draft."""

    folder = home.drafts / month / edition
    if not (folder / "manifest.json").is_file():
        raise MinzhengError(
            f"no draft of {month} in the edition {edition}", f"没有{month}的草稿（{edition}）"
        )
    return folder
