"""What people write into a month's report by hand."""

import click

from minzheng.commands import home_option, month_option
from minzheng.custody.home import Home
from minzheng.publish.report.filled import (
    Filled,
    by_section,
    filled,
    filled_file,
    open_places,
    write_filled,
)


@click.group()
def command() -> None:
    """Fill in what an office writes by hand into a month's report.

    Example: minzheng report fill --month 2024-03
    """


@command.command()
@home_option
@month_option(required=True)
@click.option("--red-head/--no-red-head", default=None, help="Print 版头 with number and 签发人.")
@click.option("--imprint/--no-imprint", default=None, help="Print 版记 at the end.")
def fill(home: Home, month: str, red_head: bool | None, imprint: bool | None) -> None:
    """Ask, in Chinese, for every open place of the month's report; the next draft prints the answers.

    Enter alone leaves a place open; a single - leaves it out on purpose. The file may be edited by hand as well.

    Example: minzheng report fill --month 2024-03
    """
    switched = {"red_head": red_head, "imprint": imprint}
    answers = {key: on for key, on in switched.items() if on is not None}
    known = Filled.model_validate({**filled(home, month).model_dump(), **answers})
    for place in open_places(known):
        told = f"{place.zh}（{place.why}）" if place.why else place.zh
        answer = click.prompt(told, default="", show_default=False).strip()
        if answer:
            text = "" if answer == "-" else answer.replace("；", "\n")
            answers[place.key] = by_section(text) if place.key == "next_steps" else text
    if answers:
        write_filled(home, month, answers)
    left = open_places(filled(home, month))
    click.echo(f"{filled_file(home, month)}")
    told = "、".join(place.zh for place in left) or "无"
    click.echo(f"尚空缺：{told}。重新生成草稿后生效：minzheng run --month {month}")
