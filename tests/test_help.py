"""The commands' help in both languages: nothing without its Chinese, no Chinese without its command, lines that fit."""

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from minzheng.chinese_help import NEVER_FIRST, WIDTH, chinese, fold, option_words
from minzheng.cli import cli, wrong_call_zh


def commands(group=cli, path=()):
    """Every command with its full name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        yield " ".join((*path, name)), found
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))


def test_every_command_and_option_has_its_chinese_and_no_word_is_about_nothing():
    there = {name: {key for option in one.params for key in option.opts if isinstance(option, click.Option)} for name, one in commands()}  # fmt: skip
    there["minzheng"] = {"--version"}
    assert [name for name in there if not chinese().get(name, {}).get("does")] == []
    assert [
        (name, key) for name, keys in there.items() for key in keys if not option_words(name, key)
    ] == []
    known = {name: {"does", "more", *keys} for name, keys in there.items()} | {
        "*": set().union(*there.values())
    }
    assert [
        (name, key)
        for name, words in chinese().items()
        for key in words
        if key not in known.get(name, ())
    ] == []


@pytest.mark.parametrize(
    "asked", [["run", "--help"], ["leads", "list", "-h"], ["leads"], ["--help"]]
)
def test_help_speaks_both_languages_however_it_is_asked_for_and_says_nothing_twice(asked):
    for _ in range(2):
        told = CliRunner().invoke(cli, asked).output
    named = [one for one in asked if not one.startswith("-")]
    does = chinese()[" ".join(named) or "minzheng"]["does"]
    assert told.count(does) == 1
    assert "Usage:" in told
    assert "Example:" in told


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ("quarantine --munth 2024-03", "没有选项 --munth"),
        ("quarantin", "没有命令 quarantin"),
        ("quarantine", "缺少 '--month'"),
        ("verify /nowhere-at-all", "'PATH' 的值不对"),
        ("quarantine --month", "命令写法不对"),
    ],
)
def test_a_wrong_call_is_told_in_chinese_too(asked, line):
    with pytest.raises(click.ClickException) as wrong:
        cli.main(asked.split(), standalone_mode=False)
    assert wrong_call_zh(wrong.value) == line


@given(st.text("民政指标，。abc ", max_size=300))
def test_chinese_is_folded_to_the_width_of_a_terminal_and_nothing_is_lost(text):
    lines = fold(text).split("\n")
    assert "".join(lines) == text
    for line in lines:
        marks = len(line) - len(line.rstrip("".join(NEVER_FIRST)))
        assert sum(1 + (letter > "\u2fff") for letter in line[: len(line) - marks]) <= WIDTH
    assert not [line for line in lines[1:] if line[0] in NEVER_FIRST]
