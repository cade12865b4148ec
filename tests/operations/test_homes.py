"""A home that is not there, is older than it should be, or has a file that cannot be read: told, never taken for empty."""

import shutil
import subprocess
import sys

import click
import duckdb
import pytest
from click.testing import CliRunner

from minzheng.cli import cli
from minzheng.custody import vault
from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger
from minzheng.errors import MinzhengError
from minzheng.operations.rebuild import rebuild
from minzheng.warehouse.connection import open_warehouse
from tests.privacy.conftest import rolls

DIBAO = "datasets/dibao_roll.yaml"
MAKERS = {"init", "demo", "run", "intake", "restore"}
BEFORE = {"keys init", "check-contracts"}  # they touch nothing of a home


def homes(group=cli, path=()):
    """The home option of every command, by the command's name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from homes(found, (*path, name))
        for option in found.params:
            if option.name == "home":
                yield " ".join((*path, name)), option


def refuses(option, home) -> bool:
    try:
        option.callback(None, option, home)
    except MinzhengError as error:
        return "no home at" in str(error)
    return False


def test_only_the_commands_that_make_a_home_pass_over_one_that_is_not_there(tmp_path):
    typo = Home(tmp_path / "typo")
    passed = {name for name, option in homes() if not refuses(option, typo)}
    assert passed == MAKERS | BEFORE
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize("command", ["rebuild", "audit-trail", "status", "doctor", "backup --to x"])
@pytest.mark.parametrize("place", ["typo", "unmounted"])
def test_a_wrong_or_unmounted_home_is_no_success(tmp_path, command, place):
    (tmp_path / "unmounted").mkdir()
    result = CliRunner().invoke(cli, [*command.split(), "--home", str(tmp_path / place)])
    assert "no home at" in str(result.exception)
    assert result.exit_code == 1
    assert not list(tmp_path.glob("*/*"))


def test_a_command_that_makes_a_home_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("MINZHENG_KEY_FILE", str(tmp_path / "keys" / "key.json"))
    result = CliRunner().invoke(cli, ["intake", "--home", str(tmp_path / "new")])
    assert f"a new home is made at {tmp_path / 'new'}" in result.output
    assert "landing folder is empty" in str(result.exception)


@pytest.mark.parametrize(
    ("call", "file", "content", "told"),
    [
        (
            "status --month 2024-03",
            DIBAO,
            "title:\n- [x\n",
            "dibao_roll.yaml, line 3: this is not YAML",
        ),
        ("ui", DIBAO, "columnz: 3\n", "wrong, datasets/dibao_roll.yaml, columnz: Extra inputs"),
        ("ui", "indicators/zz.yaml", "code: zz\n", "zz.yaml: names: Field required"),
    ],
)
def test_a_faulty_contract_of_the_home_is_named_and_nothing_is_served(
    tmp_path, call, file, content, told
):
    """A code location that does not load (B16): released versions are tested whole, a home's own contracts are not."""
    home = Home(tmp_path / "home").create()
    own = home.path / "contracts" / file
    own.parent.mkdir(parents=True)
    own.write_text(content)
    program = "import sys; from minzheng.cli import main; sys.argv[0] = 'minzheng'; main()"
    ended = subprocess.run(
        [sys.executable, "-c", program, *call.split(), "--home", str(home.path)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 1
    assert told in ended.stderr
    assert not {"Extra", "Field"} & {*ended.stderr.split("民政")[1].split()}, (
        "English for the clerk"
    )


def test_an_emptied_landing_folder_is_no_fault_once_something_was_received(busy):
    for path in busy.home.landing.iterdir():
        shutil.rmtree(path)
    assert busy.receives({}).files == []


def test_a_lost_warehouse_is_told_and_gives_no_empty_answer(busy):
    busy.home.warehouse.unlink()
    with pytest.raises(MinzhengError, match="lost or is older than the ledger: it lacks 3 files"):
        busy.ask("select count(*) from raw.file")


def test_an_older_warehouse_is_told_too(office):
    office.receives({"a.csv": rolls()["2024-03/低保.csv"]})
    copy = office.home.path / "copy"
    shutil.copy(office.home.warehouse, copy)
    office.receives(rolls())
    shutil.copy(copy, office.home.warehouse)
    with pytest.raises(MinzhengError, match="it lacks 3 files"):
        office.ask("select count(*) from raw.file")
    assert office.receives({}).count("accept") == 0
    assert office.ask("select count(*) from raw.dibao_roll") == [(36,)]


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(place: float):
    def flip(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[int(len(content) * place)] ^= 0x40
        return bytes(changed)

    return flip


DAMAGES = {
    "empty": lambda _: b"",
    "garbage": lambda content: b"garbage" * (len(content) // 7),
    "half": halved,
    "header": lambda content: content[:8] + b"XXXX" + content[12:],
    "flip": flipped(0.00002),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_warehouse_is_called_damaged_and_made_anew_by_the_repair(busy, damage):
    busy.home.warehouse.write_bytes(damage(busy.home.warehouse.read_bytes()))
    with pytest.raises(MinzhengError, match="is damaged: run `minzheng doctor --repair`"):
        busy.ask("select count(*) from raw.file")
    told = CliRunner().invoke(cli, ["doctor", "--repair", "--home", str(busy.home.path)])
    assert told.exit_code == 0, told.output
    assert busy.ask("select count(*) from raw.dibao_roll") == [(36,)]


def spoil_vault(office) -> str:
    with Ledger(office.home) as ledger:
        sha256 = ledger.received()[1].sha256
    path = vault.archived_path(office.home, sha256)
    path.write_bytes(flipped(0.5)(path.read_bytes()))
    return sha256


def test_a_rebuild_that_cannot_read_a_file_leaves_the_good_warehouse_and_names_the_file(busy):
    spoil_vault(busy)
    shutil.rmtree(busy.home.landing / "2024-03")
    before = busy.home.warehouse.read_bytes()
    with pytest.raises(MinzhengError, match=r"cannot give back 1 files \(2024-03/低保.csv\)"):
        rebuild(busy.home, busy.keys)
    assert busy.home.warehouse.read_bytes() == before
    assert busy.ask("select count(*) from raw.dibao_roll") == [(36,)]


def test_a_spoiled_file_of_the_vault_is_sealed_anew_from_its_copy_in_landing(busy):
    sha256 = spoil_vault(busy)
    rebuild(busy.home, busy.keys)
    assert vault.intact(busy.home, busy.keys, sha256)
    assert busy.ask("select count(*) from raw.dibao_roll") == [(36,)]


def test_a_copy_in_landing_that_was_changed_since_is_no_help(busy):
    spoil_vault(busy)
    (busy.home.landing / "2024-03" / "低保.csv").write_bytes(b"x")
    with pytest.raises(MinzhengError, match="cannot give back 1 files"):
        rebuild(busy.home, busy.keys)


def test_a_rebuild_that_fails_half_way_leaves_the_good_warehouse(busy, monkeypatch):
    before = busy.home.warehouse.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(
            "minzheng.intake.load.write", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
        )
        with pytest.raises(OSError, match="full"):
            rebuild(busy.home, busy.keys)
    assert busy.home.warehouse.read_bytes() == before
    assert rebuild(busy.home, busy.keys)[0] == 3
    with open_warehouse(busy.home) as connection:
        assert connection.execute("select count(*) from raw.dibao_roll").fetchall() == [(36,)]


def test_a_new_warehouse_has_its_place_only_when_it_is_whole(tmp_path, monkeypatch):
    home, seen, connect = Home(tmp_path / "home").create(), [], duckdb.connect

    def watched(path=":memory:", **how):
        seen.append((str(path), home.warehouse.exists()))
        return connect(path, **how)

    monkeypatch.setattr(duckdb, "connect", watched)
    with open_warehouse(home):
        assert (str(home.warehouse), True) in seen
    assert (str(home.warehouse), False) not in seen


def test_the_warehouse_is_left_without_a_log(busy):
    log = busy.home.warehouse.with_name("minzheng.duckdb.wal")
    with open_warehouse(busy.home) as connection:
        connection.execute("create table work.more as select * from range(9)")
        assert log.stat().st_size
    assert not log.exists()
