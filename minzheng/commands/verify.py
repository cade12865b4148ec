"""Check a release against its manifest and signature."""

from pathlib import Path

import click

from minzheng.errors import MinzhengError
from minzheng.publish.release.manifest import read_manifest, verify


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
def command(path: Path) -> None:
    """Check every file of a release folder; needs nothing but the folder.

    Example: minzheng verify home/published/2024-03/r1
    """

    faults = verify(path)
    for fault in faults:
        click.echo(fault)
    if faults:
        raise MinzhengError(
            f"{len(faults)} faults: this is not the release that was signed",
            f"发现{len(faults)}处不符：与签发时的内容不一致",
        )
    manifest = read_manifest(path)
    click.echo(
        f"{manifest.release}: {len(manifest.files)} files as signed with key {manifest.content['signature']['key_id']}"
    )
