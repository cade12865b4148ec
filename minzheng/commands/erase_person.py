"""Take one person out of every zone; the months they stood in are then computed anew."""

import sys
from pathlib import Path

import click

from minzheng.commands import ANY_PATH, FILE, home_option
from minzheng.custody.home import Home
from minzheng.custody.person import Person, Place
from minzheng.custody.vault import keys_of
from minzheng.errors import MinzhengError, WrongCall
from minzheng.operations.erasure import erase


def read_person(file: Path | None):
    """The person whose id number is in a file or on standard input; never on the command line, which others can read."""

    if file is None and sys.stdin.isatty():
        return Person.read(click.prompt("身份证号 id number", hide_input=True))
    return Person.read(file.read_text(encoding="utf-8") if file else sys.stdin.read())


@click.command("erase-person")
@home_option
@click.option("--id-file", type=FILE, help="A file with the id number.")
@click.option(
    "--intake-no", type=int, help="Who has no id number: the number of the file they stand in."
)
@click.option("--sheet", default="", help="Who has no id number: the sheet, in a workbook.")
@click.option("--row", type=int, help="Who has no id number: the row.")
@click.option("--landing", type=ANY_PATH, help="The landing folder, when it is not in the home.")
def command(
    home: Home,
    id_file: Path | None,
    intake_no: int | None,
    sheet: str,
    row: int | None,
    landing: Path | None,
) -> None:
    """Erase the person whose id number is read from standard input or a file; without a number, by file, sheet and row.

    Exit status 1 when the landing folder, where we change nothing, still holds the person.

    Example: minzheng erase-person --id-file number.txt
    """

    if (row is None) != (intake_no is None) or (row is not None and id_file):
        raise WrongCall(
            "give an id number, or --intake-no and --row (and --sheet)",
            "请提供身份证号,或同时给出 --intake-no 与 --row(工作簿另加 --sheet)",
        )
    person = read_person(id_file) if row is None else Place(row, sheet)
    done = erase(home, keys_of(home), person, landing, intake_no)
    if done.nothing:
        raise MinzhengError("no such person is known here", "本系统中没有此人")
    click.echo(
        f"{done.files_rewritten} files rewritten, {done.files_destroyed} destroyed, {done.rows} rows deleted, "
        f"{done.lists_removed} sealed lists removed"
    )
    if done.stale:
        click.echo(
            f"now run: minzheng run --first {done.stale[0]} --last {done.stale[-1]}, then release the months again"
        )
        click.echo(
            f"请重新计算 {done.stale[0]} 至 {done.stale[-1]} 并发布更正版;此前的备份和已发出的清单仍含此人,请一并处理"
        )
    if done.in_landing:
        raise MinzhengError(
            f"still in the landing folder: {', '.join(done.in_landing)}: remove these files",
            f"收件文件夹中的下列文件仍含此人,请删除:{'、'.join(done.in_landing)}",
        )
