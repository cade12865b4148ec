"""Show what changed between two releases and why."""

from pathlib import Path

import click

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("old", type=FOLDER)
@click.argument("new", type=FOLDER)
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write the cells to a CSV file.")
def command(old: Path, new: Path, path: Path | None) -> None:
    """List the cells that differ between two releases, with the class of reason, for the months both hold.

    Example: minzheng diff home/published/2024-03/r1 home/published/2024-03/r2
    """
    from minzheng.publish.differences import changed_cells, told
    from minzheng.publish.files import write_csv
    from minzheng.publish.release import released_frame

    changed = changed_cells(released_frame(old, "observations"), released_frame(new, "observations"))
    if path:
        write_csv(changed, path)
    for line in told(changed):
        click.echo(line)
    click.echo(f"{changed.height} cells changed")
