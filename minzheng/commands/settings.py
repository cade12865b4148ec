"""Check the settings of a home and show what is in force; --write puts a documented file there."""

import click

from minzheng.commands import home_option
from minzheng.custody.home import Home
from minzheng.custody.settings import in_force, settings, write_documented
from minzheng.errors import MinzhengError


@click.command()
@click.option(
    "--write",
    is_flag=True,
    help="Write the documented file, in which nothing is set, where there is none yet.",
)
@home_option
def command(write: bool, home: Home) -> None:
    """Check the settings of a home and show what is in force: each setting, its value, or its default.

    Example: minzheng settings --write
    """

    if write and not write_documented(home):
        raise MinzhengError(f"{home.settings} is there already", f"{home.settings} 已存在，未改动")
    found = settings(home)
    match = (
        "" if home.settings.is_file() else "（没有此文件，全部用默认值 no such file: all defaults）"
    )
    click.echo(f"{home.settings}{match}")
    for name, value in in_force(found):
        click.echo(f"  {name} = {value}")
