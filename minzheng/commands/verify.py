"""Check a release against its manifest and signature."""

from pathlib import Path

import click

from minzheng.commands import FOLDER, edition_option
from minzheng.contracts.editions import editions
from minzheng.errors import MinzhengError, printable
from minzheng.publish.release.manifest import read_manifest, signer, verify
from minzheng.publish.release.published import held
from minzheng.publish.release.signers import refuse_stranger, remember


@click.command()
@click.option(
    "--key", metavar="ID", help="The key that must have signed it, as the bureau announced it."
)
@click.argument("path", type=FOLDER)
@edition_option(None, help="Only this one of the editions in the folder.")
def command(path: Path, key: str | None, edition: str | None) -> None:
    """Check every file of a release, of all its editions or of one; needs nothing but the folder.

    The first key met is remembered for this account; a release that another key signed is refused unless --key names it.

    Example: minzheng verify home/published/2024-03/r1
    """

    folders = held(path, edition)
    faults = []
    for name, folder in folders.items():
        faults += [f"{name}: {fault}" for fault in verify(folder, key_id=key)]
    for fault in faults:
        click.echo(fault)
    if faults:
        raise MinzhengError(
            f"{len(faults)} faults: this is not the release that was signed",
            f"发现{len(faults)}处不符：与签发时的内容不一致",
        )
    for name, folder in folders.items():
        manifest = read_manifest(folder)
        signed_by = signer(manifest)
        if key is None:
            refuse_stranger(signed_by)
        click.echo(
            f"{printable(manifest.release)} {name}: {len(manifest.files)} files as signed with key {signed_by}\n"
            f"{printable(manifest.release)} {printable(edition_of(name))}：{len(manifest.files)}个文件与签发时一致，签名密钥 {signed_by}"
        )
        if remember(signed_by) and key is None:
            click.echo(
                f"minzheng: key {signed_by} is met for the first time: compare it with the one the bureau announced\n"
                f"民政:首次遇到签名密钥 {signed_by}:请与对方公布的密钥核对",
                err=True,
            )


def edition_of(name: str) -> str:
    """The Chinese title of an edition; the folder's name where it is none of ours."""
    return editions()[name].title.zh if name in editions() else name
