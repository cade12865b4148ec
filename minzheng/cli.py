"""The console script `minzheng`: finds the commands, shows foreseeable faults as one line, sets the exit status.

Each module of `minzheng.commands` holds one `command`; its name is the module's. Nothing is imported before it is called,
so that `minzheng --help` stays fast.
"""

import ast
import importlib
import os
import resource
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import click

from minzheng.errors import MinzhengError, in_both_languages, of_the_machine, places
from minzheng.stopping import stop_at_once

LEAST_ADDRESSES = 2 << 30
COMMANDS = Path(__file__).parent / "commands"


class CommandFolder(click.Group):
    """A group whose commands are the modules of a folder, loaded when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The command names, in alphabetical order."""
        return sorted(path.stem.replace("_", "-") for path in COMMANDS.glob("[a-z]*.py"))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, or None."""
        if name not in self.list_commands(ctx):
            return None
        return loaded(name)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Both languages, as for every command."""
        from minzheng.chinese_help import say_in_chinese

        say_in_chinese(self, "minzheng")
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List each command with what it does in Chinese and its module's first sentence, without importing it."""
        from minzheng.chinese_help import chinese

        rows = []
        for name in self.list_commands(ctx):
            text = (COMMANDS / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
            rows += [
                (name, (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]),
                ("", chinese()[name]["does"]),
            ]
        with formatter.section("Commands 命令"):
            formatter.write_dl(rows)


@cache
def loaded(name: str) -> click.Command:
    """The command of a module, its help in both languages."""
    from minzheng.chinese_help import say_in_chinese

    found = importlib.import_module(f"minzheng.commands.{name.replace('-', '_')}").command
    say_in_chinese(found, name)
    return found


@click.group(cls=CommandFolder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="minzheng")
def cli() -> None:
    """A county's civil-affairs indicators: from the landing folder to the frozen release.

    Example: minzheng run --month 2024-03
    """


def serve_the_home(words: list[str]) -> None:
    """Say whose contracts hold before anything reads one: those of the home that the call names (`minzheng.contracts.paths`)."""
    for before, word in pairwise(["", *words]):
        if before == "--home" or word.startswith("--home="):
            os.environ["MINZHENG_HOME"] = word.removeprefix("--home=")


def main() -> None:
    """Run the command line; a foreseeable fault is one English and one Chinese line on stderr, never a traceback."""
    os.umask(0o077)
    serve_the_home(sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stop_at_once()
    try:
        refuse_too_little_memory()
        cli.main(standalone_mode=False)
    except MinzhengError as error:
        sys.exit(say(error))
    except click.exceptions.Abort:
        click.echo("minzheng: stopped", err=True)
        sys.exit(1)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        click.echo(f"民政:{wrong_call_zh(error)}，写法见 --help", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:  # a defect of ours: libraries put people's rows into their messages, so only the place is told
        if known := of_the_machine(error) or _of_a_contract(error):
            sys.exit(say(known))
        click.echo(
            f"minzheng: internal error {type(error).__name__} at {places(error)}; nothing more is shown, for it could name a person",
            err=True,
        )
        click.echo("民政:程序内部错误,请把上一行转给维护人员", err=True)
        sys.exit(1)


def wrong_call_zh(error: click.ClickException) -> str:
    """What of a call was wrong, for a clerk; click itself speaks English."""
    match error:
        case click.NoSuchOption():
            return f"没有选项 {error.option_name}"
        case click.exceptions.NoSuchCommand():
            return f"没有命令 {error.command_name}"
        case click.MissingParameter(param=click.Parameter() as lacking):
            return f"缺少 {lacking.get_error_hint(None)}"
        case click.BadParameter(param=click.Parameter() as wrong):
            return f"{wrong.get_error_hint(None)} 的值不对"
    return "命令写法不对"


def _of_a_contract(error: Exception) -> MinzhengError | None:
    from minzheng.contracts.faults import of_a_contract  # pydantic, for which no other call waits

    return of_a_contract(error)


def refuse_too_little_memory() -> None:
    """`MinzhengError` under an address space in which the libraries abort or wait for ever instead of saying so."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY and limit < LEAST_ADDRESSES:
        raise MinzhengError(
            f"only {limit >> 20} MiB of address space are allowed here, {LEAST_ADDRESSES >> 20} are needed: raise `ulimit -v`",
            f"此处只允许使用{limit >> 20}MiB地址空间,至少需要{LEAST_ADDRESSES >> 20}MiB:请调高 ulimit -v",
        )


def say(error: MinzhengError) -> int:
    """Print a foreseeable fault in both languages; returns the exit status."""
    click.echo(in_both_languages(error), err=True, nl=False)
    return error.status
