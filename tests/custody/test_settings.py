"""The settings of a home: what is written holds, what is wrong is refused with file, line and what is allowed."""

import textwrap

import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.contracts.regions import townships
from minzheng.custody.home import Home
from minzheng.custody.settings import (
    EACH,
    Settings,
    documented,
    named_fields,
    nearest_name,
    settings,
)
from minzheng.errors import MinzhengError
from minzheng.warehouse.connection import open_warehouse
from tests.place import AREA

MAIL = """
    [mail]
    host = "mail.example"
    sender = "minzheng@bureau.example"
    to = ["clerk@bureau.example"]
"""


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home").create()


def write(home, text):
    home.settings.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")


def test_a_home_without_a_file_has_the_defaults(home):
    assert settings(home) == Settings()
    assert settings(home).mail is None


def test_what_is_written_holds_and_the_rest_keeps_its_default(home):
    write(
        home, MAIL + f'[contacts.{AREA}201]\nname = "泉吉乡社会事务办公室"\nemail = "q@t.example"'
    )
    found = settings(home)
    assert (found.mail.host, found.mail.port, found.mail.security) == (
        "mail.example",
        25,
        "starttls",
    )
    assert found.contacts[f"{AREA}201"].email == "q@t.example"


def test_a_home_path_in_the_file_is_a_path(home):
    write(home, MAIL + 'password_file = "/etc/minzheng/mail.password"')
    assert settings(home).mail.password_file.name == "mail.password"


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (MAIL + "prot = 587", 5, "mail.prot; did you mean mail.port?"),
        (MAIL + 'port = "587"', 5, "mail.port must be a whole number from 1 to 65535"),
        (MAIL + "port = 0", 5, "mail.port must be a whole number from 1 to 65535"),
        (MAIL + 'security = "ssl"', 5, "mail.security must be one of none, starttls, tls"),
        (MAIL.replace("[mail]", "[mial]"), 1, "mial; did you mean mail?"),
        ('[mail]\nhost = "mail.example"', 1, "mail.sender must be set too"),
        ("mail = 3", 1, "mail must be a section [mail]"),
        ("port = 25", 1, "port; did you mean mail.port?"),
        ("threads = 2", 1, "threads; did you mean warehouse.threads?"),
        ("[qwxyz]\na = 1", 1, "there is no setting qwxyz; take it out"),
        ('[warehouse]\nmemory = "2 apples"', 2, 'warehouse.memory must be a text such as "2GB"'),
        ("[warehouse]\nthreads = true", 2, "warehouse.threads must be a whole number"),
        (
            '[contacts.63222]\nname = "甲"',
            1,
            "contacts.63222 must be named by a township's nine digits",
        ),
        (
            f'[contacts.{AREA}201]\nname = "甲"\nemial = "a@b"',
            3,
            f"did you mean contacts.{AREA}201.email?",
        ),
        (
            f'[contacts.{AREA}201]\nname = "甲"\nemail = "nobody"',
            3,
            f"contacts.{AREA}201.email must be a text such as",
        ),
        ("[mail]\nhost = mail.example", 2, "not TOML"),
    ],
)
def test_a_wrong_setting_is_refused_with_file_line_and_what_is_allowed(home, text, line, told):
    write(home, text)
    with pytest.raises(MinzhengError) as error:
        settings(home)
    assert f"{home.settings} line {line}: " in str(error.value)
    assert told in str(error.value)
    assert f"{home.settings} 第{line}行：" in error.value.zh


def test_a_file_in_another_encoding_is_refused_with_a_clear_line(home):
    home.settings.write_bytes("# 设置".encode("gb18030"))
    with pytest.raises(MinzhengError, match="is not UTF-8"):
        settings(home)


def test_the_documented_file_sets_nothing_and_each_of_its_lines_holds_when_the_mark_is_taken_away(
    home,
):
    home.settings.write_text(documented(), encoding="utf-8")
    assert settings(home) == Settings()
    lines = [line[2:] if line.startswith("# [") else line[1:] if line[:1] == "#" and line[1:2].isalpha() else line
             for line in documented().splitlines()]  # fmt: skip
    home.settings.write_text("\n".join(lines), encoding="utf-8")
    found = settings(home)
    assert found.mail.to == ["clerk@example.gov.cn"]
    assert found.contacts[next(iter(townships()))].phone
    assert found.warehouse.memory == "2GB"


@pytest.mark.parametrize("name", [name for name, _ in named_fields()])
def test_a_name_with_a_letter_lost_finds_its_way_back(name):
    place = name.replace(EACH, f"{AREA}201").split(".")
    assert nearest_name([*place[:-1], place[-1][:-1]]) == ".".join(place)


def test_the_warehouse_uses_no_more_of_the_machine_than_the_settings_say(home):
    write(home, '[warehouse]\nthreads = 1\nmemory = "200MB"')
    with open_warehouse(home) as connection:
        told = connection.execute(
            "select current_setting('threads'), current_setting('memory_limit')"
        ).fetchone()
    assert told == (1, "190.7 MiB")


def test_init_makes_a_home_with_key_and_settings_and_changes_nothing_the_second_time(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "key.json"))
    home = Home(tmp_path / "home")
    for _ in range(2):
        told = CliRunner().invoke(cli, ["init", "--home", str(home.path)])
        assert told.exit_code == 0, told.output
        home.settings.write_text("[warehouse]\nthreads = 1\n", encoding="utf-8")
        key = (tmp_path / "key.json").read_bytes()
    assert (tmp_path / "key.json").read_bytes() == key
    assert home.settings.read_text(encoding="utf-8") == "[warehouse]\nthreads = 1\n"
    assert "threads = 1" in CliRunner().invoke(cli, ["settings", "--home", str(home.path)]).output


def test_the_documented_file_is_written_once_for_its_owner_alone(home):
    assert CliRunner().invoke(cli, ["settings", "--write", "--home", str(home.path)]).exit_code == 0
    assert home.settings.stat().st_mode & 0o077 == 0
    assert CliRunner().invoke(cli, ["settings", "--write", "--home", str(home.path)]).exit_code == 1
