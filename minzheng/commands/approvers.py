"""Who may approve what leaves the bureau: add, list, remove."""

from pathlib import Path

import click

from minzheng.commands import NEW_FILE, home_option
from minzheng.custody.home import Home
from minzheng.custody.secret import secret
from minzheng.delivery.approvers import admit, approvers, dismiss
from minzheng.errors import WrongCall


def proof_options(prefix: str = "", whose: str = "the approver's") -> object:
    """Add `--passphrase-file` and `--key-file` (with a prefix); neither given, the passphrase is asked for."""

    def add(function):
        for name, what in (
            ("passphrase-file", "file with the passphrase"),
            ("key-file", "own key file (PEM, Ed25519)"),
        ):
            told = f"{whose.capitalize()} {what}."
            function = click.option(f"--{prefix}{name}", type=NEW_FILE, help=told)(function)
        return function

    return add


def asked_proof(
    passphrase_file: Path | None, key_file: Path | None, name: str, *, new: bool = False
) -> str | Path:
    """The proof as the options give it, else the passphrase as typed, unseen; typed twice where it is new."""

    if key_file:
        return key_file
    if passphrase_file:
        return secret(passphrase_file, "passphrase", "口令")
    return click.prompt(f"{name}的口令 passphrase", hide_input=True, confirmation_prompt=new)


@click.group()
def command() -> None:
    """Keep the list of approvers: people other than the author whose word lets a month leave.

    Example: minzheng approvers add 示例局长
    """


@command.command()
@click.argument("approver", metavar="NAME")
@proof_options()
@click.option("--by", default="", metavar="NAME", help="An approver who admits the new one.")
@proof_options("by-", "the admitting approver's")
@home_option
def add(
    approver: str,
    passphrase_file: Path | None,
    key_file: Path | None,
    by: str,
    by_passphrase_file: Path | None,
    by_key_file: Path | None,
    home: Home,
) -> None:
    """Register NAME as an approver with a passphrase, or a key file, of their own.

    The first approver registers alone; each further one is admitted by one who is there.

    Example: minzheng approvers add 示例副局长 --by 示例局长
    """

    if approvers(home) and not by:
        raise WrongCall(
            "name an approver who admits them: --by NAME", "请由已登记的批准人同意：--by 姓名"
        )
    by_proof = asked_proof(by_passphrase_file, by_key_file, by) if by else ""
    new = admit(
        home, approver, asked_proof(passphrase_file, key_file, approver, new=True), by, by_proof
    )
    click.echo(f"{new.name}: {new.key_id}\n请“{new.name}”抄下密钥标识 {new.key_id}，与送审单核对。")


@command.command("list")
@home_option
def list_(home: Home) -> None:
    """List the approvers with their key ids.

    Example: minzheng approvers list
    """

    for one in approvers(home).values():
        click.echo(f"{one.name}  {one.key_id}  {'口令' if one.salt else '密钥文件'}")


@command.command()
@click.argument("approver", metavar="NAME")
@click.option("--by", required=True, metavar="NAME", help="An approver who strikes them off.")
@proof_options("by-", "their")
@home_option
def remove(
    approver: str, by: str, by_passphrase_file: Path | None, by_key_file: Path | None, home: Home
) -> None:
    """Strike NAME off; what they approved and is not sent yet must be approved again.

    Example: minzheng approvers remove 示例副局长 --by 示例局长
    """

    dismiss(home, approver, by, asked_proof(by_passphrase_file, by_key_file, by))
    click.echo(f"removed: {approver}")
