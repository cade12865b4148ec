"""The Chinese half of the commands' help: words from `commands/help.zh.toml`, laid beside the English ones when help is shown."""

import tomllib
import unicodedata
from functools import cache
from pathlib import Path

import click

WORDS = Path(__file__).parent / "commands" / "help.zh.toml"
WIDTH = 74
"""Columns of a terminal that a line of Chinese may fill; a Chinese character fills two."""
NEVER_FIRST = frozenset("，。；：、）」？！%")


@cache
def chinese() -> dict[str, dict[str, str]]:
    """By command (`leads list`): `does` and perhaps `more`, and a text for each option; `*` holds the options of all."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def say_in_chinese(command: click.Command, name: str) -> None:
    """Add the Chinese to the help of a command, its options and the commands under it; what has no words stays English."""
    words = chinese().get(name, {})
    if words.get("does", "\0") in (command.help or ""):
        return  # said before
    told = [words[part] for part in ("does", "more") if part in words]
    if told:
        english, mark, example = (command.help or "").partition("Example:")
        lines = "\n\n".join("\b\n" + fold(text) for text in told)
        command.short_help = f"{words['does']} {english.strip().splitlines()[0]}"
        command.help = f"{english.rstrip()}\n\n{lines}\n\n{mark}{example}"
    for option in command.params:
        text = next((found for key in option.opts if (found := option_words(name, key))), None)
        if isinstance(option, click.Option) and text:
            option.help = f"{option.help or ''} {text}".strip()
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        say_in_chinese(inner, f"{name} {inner.name}")


def option_words(name: str, option: str) -> str | None:
    """The Chinese of a command's option: its own, else what the option means everywhere."""
    return chinese().get(name, {}).get(option) or chinese()["*"].get(option)


def fold(text: str, width: int = WIDTH) -> str:
    """Lines no wider than `width` columns; none begins with a mark that belongs to the line before."""
    lines, filled = [""], 0
    for letter in text:
        wide = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if filled + wide > width and letter not in NEVER_FIRST:
            lines.append("")
            filled = 0
        lines[-1] += letter
        filled += wide
    return "\n".join(lines)
