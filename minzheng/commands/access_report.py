"""Say what is held of one person, where it stands, and who looked at it."""

import json
from pathlib import Path

import click

from minzheng.commands import FILE, NEW_FILE, home_option
from minzheng.commands.erase_person import read_person
from minzheng.custody.home import Home
from minzheng.custody.keys import Keys
from minzheng.custody.vault import write_synced
from minzheng.operations.access import access_report


@click.command("access-report")
@home_option
@click.option("--id-file", type=FILE, help="A file with the id number.")
@click.option("--to", type=NEW_FILE, required=True, help="The JSON file to write, 0600.")
def command(home: Home, id_file: Path | None, to: Path) -> None:
    """Report on the person whose id number is read from standard input or a file.

    Example: minzheng access-report --id-file number.txt --to report.json
    """

    report = access_report(home, Keys.load(), read_person(id_file))
    write_synced(to, json.dumps(report, ensure_ascii=False, indent=1).encode())
    click.echo(
        f"{len(report['记录'])} rows, {len(report['线索'])} leads, {len(report['查看'])} looks: written to {to}"
    )
