"""The commands of the console script, one module each, and the options they share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.months import check_month


class NewFile(click.Path):
    """A file to write; its folder is made where it is not there yet, before anything is computed."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Make the folder."""
        path = super().convert(value, param, ctx)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FILE = NewFile(dir_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
ANY_PATH = click.Path(path_type=Path)
"""What a command reads (there already) or writes (`NEW_`), handed to it as a `Path`."""


class HomeType(click.ParamType):
    """A home folder; the value is a `Home`."""

    name = "dir"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Home:
        """Find the home at the path."""
        return value if isinstance(value, Home) else Home.find(value)


class MonthType(click.ParamType):
    """A month YYYY-MM; anything else is a wrong call."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the month."""
        return check_month(value)


def home_option(function: Callable) -> Callable:
    """Add `--home DIR` (else MINZHENG_HOME, else ./home); the command receives `home: Home`, which is there."""
    return _home_option(is_there)(function)


def new_home_option(function: Callable) -> Callable:
    """`home_option` of a command that makes the home where there is none, which is said."""
    return _home_option(_made_if_missing)(function)


def any_home_option(function: Callable) -> Callable:
    """`home_option` of a command that comes before the home and makes none."""
    return _home_option(lambda _, __, home: home)(function)


def _home_option(check: Callable[[click.Context, click.Parameter, Home], Home]) -> Callable:
    return click.option(
        "--home",
        type=HomeType(),
        default=lambda: Home.find(),
        show_default="MINZHENG_HOME or ./home",
        callback=check,
        help="The home folder.",
    )


def is_there(_: click.Context, __: click.Parameter, home: Home | None) -> Home | None:
    """The home, where one is named; `MinzhengError` when it is not there."""
    if home and not home.made:
        raise MinzhengError(
            f"no home at {home.path}: name it with --home or MINZHENG_HOME, mount its disk, "
            "or make a new one with `minzheng init`",
            f"{home.path} 不是数据目录:请用 --home 或 MINZHENG_HOME 指明,或先挂载磁盘;新建请用 minzheng init",
        )
    return home


def _made_if_missing(_: click.Context, __: click.Parameter, home: Home) -> Home:
    say_if_new(home)
    return home


def say_if_new(home: Home) -> None:
    """Say that a command will make the home where there is none."""
    if not home.made:
        click.echo(f"minzheng: a new home is made at {home.path}", err=True)
        click.echo(f"民政:在 {home.path} 新建数据目录", err=True)


class EditionType(click.ParamType):
    """The name of an edition; an unknown one is a wrong call that lists them."""

    name = "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the name."""
        from minzheng.contracts.editions import edition  # pydantic: most commands name no edition

        return edition(value).name


def edition_option(
    default: str | None = "bureau", help: str = "Whose edition: bureau, prefecture, public."
) -> Callable:
    """Add `--edition NAME`; the command receives `edition: str`."""
    return click.option(
        "--edition", type=EditionType(), default=default, show_default=True, help=help
    )


def month_option(*names: str, required: bool = False, help: str = "The month.") -> Callable:
    """Add an option that takes a month YYYY-MM."""
    return click.option(*(names or ("--month",)), type=MonthType(), required=required, help=help)


def csv_option(help: str = "Write the rows to a CSV file.") -> Callable:
    """Add `--to FILE` to a command that prints a table; it receives `path: Path | None`, for `write_csv`."""
    return click.option("--to", "path", type=NEW_FILE, help=help)
