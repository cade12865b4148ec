"""Make a home: its folders, its key, a documented settings file."""

from pathlib import Path

import click

from minzheng.commands import FILE, new_home_option
from minzheng.contracts.founding import found_contracts
from minzheng.contracts.regions import county, region_names
from minzheng.custody.home import Home
from minzheng.custody.settings import write_documented
from minzheng.custody.vault import check_key, key_file_of, keys_of


@click.command()
@click.option("--region", help="Six digits: the county or prefecture whose home it is.")
@click.option("--name", "called", help="Its name, to be sure.")
@click.option(
    "--list", "given", type=FILE, help="Its 行政区划 file (CSV), where our lists do not have it."
)
@new_home_option
def command(home: Home, region: str | None, called: str | None, given: Path | None) -> None:
    """Make a home: its folders, its key if there is none yet, a documented settings file. What is there already stays.

    With --region it is the home of that county or prefecture; its own contracts then lie in its folder `contracts`.

    Example: minzheng init --home /srv/minzheng --region CODE --name NAME
    """
    if region:
        found_contracts(home.path / "contracts", region, called, given)
    keys = keys_of(home)
    check_key(home, keys)
    write_documented(home)
    click.echo(f"""数据目录 home      {home.path}
地区     region    {county()} {region_names()[county()]}
密钥     key       {key_file_of(home)}   (请另存一份 keep a copy in a safe place)
设置     settings  {home.settings}
收件目录 landing   {home.landing}   (把报来的文件放到 {home.landing}/年-月/ put files there, a folder a month)

下一步 next: minzheng template --all --to 表样   ·   minzheng intake   ·   minzheng run --month YYYY-MM""")
