"""The commands of the console script, one module each, and the options they share."""

from collections.abc import Callable
from typing import Any

import click

from minzheng import editions
from minzheng.home import Home
from minzheng.months import check_month


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
    """Add `--home DIR` (else MINZHENG_HOME, else ./home); the command receives `home: Home`."""
    return click.option(
        "--home",
        type=HomeType(),
        default=lambda: Home.find(),
        show_default="MINZHENG_HOME or ./home",
        help="The home folder.",
    )(function)


class EditionType(click.ParamType):
    """The name of an edition; an unknown one is a wrong call that lists them."""

    name = "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the name."""
        return editions.edition(value).name  # not imported by name: a command is called edition


def edition_option(
    default: str | None = "bureau", help: str = "Whose edition: bureau, prefecture, public."
) -> Callable:
    """Add `--edition NAME`; the command receives `edition: str`."""
    return click.option("--edition", type=EditionType(), default=default, show_default=True, help=help)


def month_option(*names: str, required: bool = False, help: str = "The month.") -> Callable:
    """Add an option that takes a month YYYY-MM."""
    return click.option(*(names or ("--month",)), type=MonthType(), required=required, help=help)
