"""What the READMEs say can be done is there to be done, in both languages alike."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from minzheng.cli import COMMANDS, cli

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
COMMAND = re.compile(r"minzheng ([a-z][a-z-]+)")


def commands(name: str) -> set[str]:
    return set(COMMAND.findall((ROOT / name).read_text(encoding="utf-8")))


def shell_lines(name: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    return [
        line.split("#")[0].strip()
        for block in blocks
        for line in block.splitlines()
        if line.strip()
    ]


@pytest.mark.parametrize("readme", READMES)
def test_every_command_the_readme_names_exists(readme):
    known = {path.stem.replace("_", "-") for path in COMMANDS.glob("[a-z]*.py")}
    assert commands(readme)
    assert commands(readme) <= known


def test_both_readmes_show_the_same_commands():
    assert shell_lines("README.md") == shell_lines("README.zh-CN.md")


@pytest.mark.parametrize("readme", READMES)
def test_every_link_of_the_readme_leads_somewhere(readme):
    links = re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / readme).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize(
    "name", sorted(path.stem.replace("_", "-") for path in COMMANDS.glob("[a-z]*.py"))
)
def test_every_command_explains_itself_with_an_example(name):
    told = CliRunner().invoke(cli, [name, "--help"])
    assert told.exit_code == 0
    assert "Example:" in told.output


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["run", "--month", "2024-13"], 2),
        (["run"], 2),
        (["nonsense"], 2),
        (["run", "--first", "2024-02", "--last", "2024-01"], 2),
    ],
)
def test_a_wrong_call_ends_with_status_two_and_no_traceback(arguments, status, tmp_path):
    code = f"import sys; sys.argv = ['minzheng', *{arguments!r}]; from minzheng.cli import main; main()"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert told.returncode == status
    assert "Traceback" not in told.stderr
