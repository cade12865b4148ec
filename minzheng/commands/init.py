"""Make a home: its folders, its key, a documented settings file."""

import click

from minzheng.commands import new_home_option
from minzheng.custody.home import Home
from minzheng.custody.settings import write_documented
from minzheng.custody.vault import check_key, key_file_of, keys_of


@click.command()
@new_home_option
def command(home: Home) -> None:
    """Make a home: its folders, its key if there is none yet, a documented settings file. What is there already stays.

    Example: minzheng init --home /srv/minzheng
    """

    keys = keys_of(home)
    check_key(home, keys)
    write_documented(home)
    click.echo(f"""数据目录 home      {home.path}
密钥     key       {key_file_of(home)}   (请另存一份 keep a copy in a safe place)
设置     settings  {home.settings}
收件目录 landing   {home.landing}   (把报来的文件放到 {home.landing}/年-月/ put files there, a folder a month)

下一步 next: minzheng template --all --to 表样   ·   minzheng intake   ·   minzheng run --month YYYY-MM""")
