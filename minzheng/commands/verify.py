"""Check a release against its manifest and signature."""

from pathlib import Path

import click

from minzheng.commands import edition_option
from minzheng.errors import MinzhengError


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@edition_option(None, help="Only this one of the editions in the folder.")
def command(path: Path, edition: str | None) -> None:
    """Check every file of a release, of all its editions or of one; needs nothing but the folder.

    Example: minzheng verify home/published/2024-03/r1
    """
    from minzheng.publish.found import held
    from minzheng.publish.manifest import read_manifest, verify

    folders = held(path, edition)
    faults = [f"{name}: {fault}" for name, folder in folders.items() for fault in verify(folder)]
    for fault in faults:
        click.echo(fault)
    if faults:
        raise MinzhengError(
            f"{len(faults)} faults: this is not the release that was signed",
            f"发现{len(faults)}处不符：与签发时的内容不一致",
        )
    for name, folder in folders.items():
        manifest = read_manifest(folder)
        key = manifest.content["signature"]["key_id"]
        click.echo(f"{manifest.release} {name}: {len(manifest.files)} files as signed with key {key}")
