"""Show what changed between two releases and why."""

from pathlib import Path

import click

from minzheng.commands import FOLDER, csv_option, edition_option
from minzheng.contracts.report import words
from minzheng.errors import MinzhengError
from minzheng.indicators.revisions import changed_cells, named_arrivals, revision_lines
from minzheng.publish.release.files import write_csv
from minzheng.publish.release.manifest import read_manifest
from minzheng.publish.release.published import held
from minzheng.publish.release.writing import released_frame


@click.command()
@click.argument("old", type=FOLDER)
@click.argument("new", type=FOLDER)
@csv_option("Write the cells to a CSV file.")
@edition_option(
    None, help="Which of the editions in the folders; the fullest that both hold without it."
)
def command(old: Path, new: Path, path: Path | None, edition: str | None) -> None:
    """List the cells that differ between two releases, with the class of reason, for the months both hold.

    Needs nothing but the two folders: the manifests name the files that came in between.

    Example: minzheng diff home/published/2024-03/r1 home/published/2024-03/r2
    """

    both = [held(folder, edition) for folder in (old, new)]
    name = next((one for one in both[0] if one in both[1]), None)
    if name is None:
        raise MinzhengError(
            f"{old} and {new} hold no edition in common", f"{old} 与 {new} 没有相同的版别，无法比较"
        )
    folders = [one[name] for one in both]
    frames = [released_frame(folder, "observations") for folder in folders]
    inputs = [read_manifest(folder).content["inputs"] for folder in folders]
    changed = changed_cells(*frames, named_arrivals(*inputs))
    if path:
        write_csv(changed, path)
    for line in revision_lines(changed):
        click.echo(line)
    click.echo(f"{changed.height} cells changed 共{changed.height}个单元格有变化")
    for reason, count in changed["reason"].value_counts().sort("reason").iter_rows():
        click.echo(f"{reason} {words().reason(reason)}: {count}")
