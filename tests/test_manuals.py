"""What the manuals say can be done is there to be done: commands are understood, links lead somewhere, examples run."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from minzheng.cli import cli
from minzheng.contracts.datasets import dataset
from minzheng.intake.template import template
from simulation import simulate
from simulation.county import records
from tests.intake.test_template import clerks_rows, filled
from tests.site.releases import county_home

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")])
MANUALS = ("clerk", "planner", "keeper", "analyst")
MONTH = "2024-03"
PROGRAM = "import sys; from minzheng.cli import main; sys.argv[0] = 'minzheng'; main()"


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


def commands(path: Path) -> list[tuple[list[str], str]]:
    """The words of each minzheng command of a page's blocks, with the remark behind it."""
    found = []
    for line in "\n".join(blocks(path, "sh")).splitlines():
        command, _, remark = line.partition("#")
        words = shlex.split(command)
        if words and words[0].rsplit("/", 1)[-1] == "minzheng":
            found.append((words[1:], remark.strip()))
    return found


@pytest.mark.parametrize(
    "path", [page for page in PAGES if commands(page)], ids=lambda path: path.name
)
def test_every_command_of_a_page_is_understood(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words, _ in commands(path):
        command, context = cli, click.Context(cli, info_name="minzheng")
        while isinstance(command, click.Group):
            name, command, words = command.resolve_command(context, words)
            context = click.Context(command, info_name=name, parent=context)
        parser = command.make_parser(context)
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, (path.name, words)
        given, _, _ = parser.parse_args(list(words))
        chosen = [one for one in command.params if isinstance(one.type, click.Choice)]
        for parameter in chosen:
            parameter.type_cast_value(context, given.get(parameter.name))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_of_a_page_leads_somewhere(path):
    links = re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("name", MANUALS)
def test_every_role_has_a_manual_in_chinese_with_an_english_summary(name):
    text = (ROOT / "docs" / f"{name}.zh-CN.md").read_text(encoding="utf-8")
    assert re.search(r"^\*English: .{40,}\*$", text, re.MULTILINE)
    assert f"docs/{name}.zh-CN.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_analysts_examples_run(tmp_path, monkeypatch):
    monkeypatch.setenv("MINZHENG_HOME", str(county_home(tmp_path)))
    names: dict = {}
    for block in blocks(ROOT / "docs" / "analyst.zh-CN.md", "python"):
        exec(block, names)  # noqa: S102 - the manual's own words
    assert names["wh"].release


def run(words: list[str], folder: Path, environment: dict) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=900,
    )  # fmt: skip


@pytest.fixture
def office(tmp_path):
    """An empty directory and an environment of its own, as a new user has them."""
    home = tmp_path / "home"
    return tmp_path, home, os.environ | {
        "MINZHENG_HOME": str(home), "MINZHENG_KEY_FILE": str(tmp_path / "key.json"), "PYTHONPATH": str(ROOT),
    }  # fmt: skip


@pytest.mark.nightly
def test_the_commands_of_clerk_and_keeper_do_what_is_written(office):
    """In order, in a home with one month's files; a line whose remark begins with 有 needs something that is not there."""
    folder, home, environment = office
    simulate(home / "landing", MONTH, MONTH, 7, faults="usual", progress=False)
    for page in ("keeper", "clerk"):
        for words, remark in commands(ROOT / "docs" / f"{page}.zh-CN.md"):
            if remark.startswith("有") or (page == "keeper" and words[0] in ("verify", "backup")):
                continue
            told = run(words, folder, environment)
            # an intake names refused files and ends with 1, as the manual says
            assert told.returncode == 0 or words[0] in ("intake", "run"), (words, told.stderr)
            assert "internal error" not in told.stderr, (words, told.stderr)
    assert (home / "published" / "latest" / "prefecture" / "report.docx").is_file()
    for words in (
        ["backup", "--to", str(folder / "备份")],
        ["verify", str(home / "published/latest")],
    ):
        assert run(words, folder, environment).returncode == 0


@pytest.mark.nightly
@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_a_new_user_has_their_own_figures_in_ten_minutes(readme, office):
    """The section's commands in an empty directory; between the forms and the intake one list is filled in."""
    folder, home, environment = office
    text = (ROOT / readme).read_text(encoding="utf-8")
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    [own] = [part for part in section if part.startswith(("Your own data", "十分钟用上"))]
    lines = [
        line.split("#")[0].strip()
        for line in re.search(r"```sh\n(.*?)```", own, re.DOTALL)[1].splitlines()
    ]
    assert lines[0].startswith("export MINZHENG_HOME=$PWD/county")
    environment["MINZHENG_HOME"] = str(folder / "county")
    for line in lines[1:]:
        words = shlex.split(line)[1:]
        if words[0] == "intake":
            contract = dataset("dibao_roll")
            rows = clerks_rows(
                "dibao_roll", records(MONTH, MONTH, 7, "county", None)["dibao_roll"], 200
            )
            form = folder / "county/landing" / MONTH / "低保.xlsx"
            form.parent.mkdir()
            form.write_bytes(filled(template(contract, MONTH), "dibao_roll", rows))
        told = run(words, folder, environment)
        assert told.returncode == 0, (words, told.stderr)
    assert (folder / "county/drafts" / MONTH / "prefecture" / "report.docx").is_file()
