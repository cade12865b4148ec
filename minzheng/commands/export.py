"""Write the county's register into a province's lake, under the province's pseudonyms."""

import os
from pathlib import Path

import click

from minzheng.commands import NEW_FILE, NEW_FOLDER, home_option
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys, default_key_file
from minzheng.custody.trail import witnessed
from minzheng.custody.vault import check_key, keys_of
from minzheng.operations.exporting import export


@click.command()
@home_option
@click.option("--lake", type=NEW_FOLDER, required=True, help="The lake's folder.")
@click.option(
    "--key",
    type=NEW_FILE,
    help="The province's key file (else MINZHENG_PROVINCE_KEY_FILE, else province.json beside the county's own).",
)
@witnessed("export", "lake")
def command(home: Home, lake: Path, key: Path | None) -> None:
    """Write every month of the register to a lake of Parquet, with pseudonyms under the province's key.

    The same person has the same pseudonym in every county then. No name, number, file name or refused cell goes along.

    Example: minzheng export --lake /lake
    """

    named = key or os.environ.get("MINZHENG_PROVINCE_KEY_FILE")
    keys = keys_of(home)
    check_key(home, keys)
    province = Keys.load(Path(named or default_key_file().with_name("province.json")))
    months = export(home, keys, province, lake)
    click.echo(f"{len(months)} months exported to {lake}, {months[0]}..{months[-1]}")
