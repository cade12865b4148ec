"""The machine around the data: DuckDB locked, nothing executed from data, nothing on command lines, no network, loopback."""

import ast
import logging
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from assets.scrubbing import cause_of, keep_private
from minzheng.commands import ui
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.intake import sandbox
from minzheng.warehouse.connection import open_warehouse
from tests.intake.roster import csv_bytes, people
from tests.place import AREA

ROOT = Path(__file__).resolve().parents[2]
CODE = [
    path
    for folder in ("minzheng", "pipelines", "assets", "quality", "sbom")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def test_the_warehouse_reaches_no_file_outside_the_home_and_no_setting_can_be_changed(
    office, tmp_path
):
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    with open_warehouse(office.home) as connection:
        for statement in (
            f"select * from read_csv('{outside}')",
            f"copy (select 1) to '{tmp_path / 'out.csv'}'",
            f"attach '{tmp_path / 'other.duckdb'}'",
            "install httpfs",
            "load httpfs",
            "set enable_external_access = true",
            "set lock_configuration = false",
            "select * from read_text('/etc/passwd')",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
        settings = dict(connection.execute("select name, value from duckdb_settings()").fetchall())
    expected = {
        "enable_external_access": "false",
        "lock_configuration": "true",
        "autoinstall_known_extensions": "false",
    }
    expected |= {
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "temp_directory": str(office.home.work),
    }
    assert {name: settings[name] for name in expected} == expected


def test_nothing_is_executed_deserialised_or_shelled_from_data():
    forbidden_calls = {"eval", "exec", "compile", "__import__", "input"}
    forbidden_modules = {
        "pickle",
        "marshal",
        "shelve",
        "dill",
        "joblib",
        "cloudpickle",
        "telnetlib",
        "ftplib",
    }
    for path in CODE:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name.split(".")[0] for alias in node.names} | {
                    (getattr(node, "module", "") or "").split(".")[0]
                }
                assert not names & forbidden_modules, place
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                assert name not in forbidden_calls, place
                assert name not in {
                    "os.system",
                    "os.popen",
                    "yaml.unsafe_load",
                    "yaml.full_load",
                }, place
                words = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert words.get("shell", "False") == "False", place
                assert words.get("ignore_errors") in (
                    None,
                    "False",
                    "True" if name == "shutil.rmtree" else "False",
                ), place
        loaders = set(re.findall(r"\b\w*Loader\b", path.read_text(encoding="utf-8")))
        assert not {
            one for one in loaders if one.endswith(("UnsafeLoader", "FullLoader", "CLoader"))
        }, path
        assert "yaml.load(" not in path.read_text(encoding="utf-8") or loaders & {
            "SafeLoader",
            "CSafeLoader",
        }, path


def test_sql_with_parts_put_in_takes_them_from_our_own_names_only():
    """Every f-string given to DuckDB: each module that does so is known and looked at; a new one fails here."""
    known = {
        "minzheng/publish/analyst/handle.py", "minzheng/operations/invariants.py", "minzheng/indicators/parallel_runs.py", "minzheng/operations/access.py",
        "minzheng/operations/compacting.py", "minzheng/operations/erasure.py", "minzheng/operations/rotation.py", "minzheng/custody/egress/wraps.py",
        "minzheng/indicators/contract_tables.py", "minzheng/indicators/models.py", "minzheng/intake/load.py", "minzheng/leads/changed.py",
        "minzheng/leads/matching.py", "minzheng/leads/watch.py",
        "minzheng/leads/what_if.py", "minzheng/publish/release/snapshot.py", "minzheng/indicators/vintages.py", "minzheng/warehouse/connection.py",
        "quality/ledgers.py", "quality/outcomes.py", "minzheng/leads/restricted_lists.py", "minzheng/indicators/movement.py",
        "minzheng/operations/month_facts.py", "minzheng/warehouse/register.py", "quality/structure.py",
        "minzheng/custody/ledger.py", "minzheng/indicators/open_rows.py", "minzheng/intake/replacing.py", "minzheng/intake/reread.py",
        "quality/worked_cases.py", "minzheng/publish/analyst/microdata.py", "minzheng/leads/files.py", "minzheng/operations/exporting.py",
        "minzheng/indicators/across.py", "pipelines/lake/across.py", "minzheng/warehouse/lake.py", "minzheng/warehouse/stale.py",
    }  # fmt: skip
    found = set()
    calls = [
        (path, node)
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]
    for path, node in calls:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        statement = node.args[:1] if node.func.attr in ("execute", "executemany", "sql") else []
        if any(
            isinstance(part, ast.JoinedStr) for argument in statement for part in ast.walk(argument)
        ):
            found.add(path.relative_to(ROOT).as_posix())
    assert found <= known


def test_no_command_takes_a_person_on_its_command_line():
    from minzheng.cli import cli

    words = re.compile(r"(^|_)(id_no|name|account|person)($|_)")
    for name in cli.list_commands(None):
        command = cli.get_command(None, name)
        for one in (command, *getattr(command, "commands", {}).values()):
            assert not [param.name for param in one.params if words.search(param.name or "")], name


def test_a_failed_step_tells_its_kind_and_place_never_its_words():
    inner, outer = ValueError(f"虚构卓玛 {AREA}195603049019"), RuntimeError("虚构卓玛")
    outer.__cause__ = inner
    assert cause_of(outer) == "ValueError at "
    assert cause_of(MinzhengError("the month is blocked")) == "the month is blocked"


def test_no_log_record_holds_a_number_at_any_level(capsys):
    number, before, mask = people()[0]["身份证号"], logging.getLogRecordFactory(), os.umask(0o022)
    logger, handler = logging.getLogger("some.library"), logging.StreamHandler(sys.stdout)
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    try:
        keep_private()
        logger.debug("row %s of %r", number, {"name": "x"})
        logger.info("run 20240301123456789 took 12 s")
    finally:
        os.umask(mask)
        logging.setLogRecordFactory(before)
        logger.removeHandler(handler)
    withheld, shown = capsys.readouterr().out.splitlines()
    assert "withheld: " in withheld
    assert "id_number" in withheld
    assert number not in withheld
    assert shown == "run 20240301123456789 took 12 s"


def test_every_process_that_loads_the_pipeline_keeps_its_files_private():
    before = os.umask(0o022)
    try:
        keep_private()
        assert os.umask(0o022) == 0o077
        assert os.environ["DAGSTER_REDACT_USER_CODE_ERRORS"] == "1"
    finally:
        os.umask(before)


def test_the_webserver_keeps_its_own_files_private(monkeypatch):
    from pipelines import webserver

    seen, before = [], os.umask(0o022)
    monkeypatch.setattr(webserver, "cli", lambda **_: seen.append(os.umask(0o022)))
    monkeypatch.setattr("dagster_webserver.app.DagsterWebserver", webserver.DagsterWebserver)
    try:
        webserver.main()
    finally:
        os.umask(before)
    assert seen == [0o077]


def test_a_crash_of_the_command_line_leaves_no_core():
    program = "import resource, sys; sys.argv = ['minzheng', '--version']\nfrom minzheng.cli import main\nimport contextlib\nwith contextlib.suppress(SystemExit): main()\nprint(resource.getrlimit(resource.RLIMIT_CORE))"
    made = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert made.stdout.splitlines()[-1] == "(0, 0)"
    assert resource.RLIMIT_CORE is not None


def test_a_parser_writes_no_file_whatever_it_is_talked_into(children):
    child = children._free.get() or sandbox.Child()
    try:
        limits = Path(f"/proc/{child._process.pid}/limits").read_text()
    finally:
        children._free.put(child)
    for name, wanted in (("Max file size", "0"), ("Max core file size", "0")):
        assert re.search(rf"^{name} +{wanted} +{wanted} ", limits, re.MULTILINE), name


@pytest.mark.parametrize("options", [{"read_only": False}, {"read_only": True}])
def test_the_ui_is_bound_to_loopback_and_planners_cannot_start_anything(
    tmp_path, monkeypatch, options
):
    started = []
    monkeypatch.setattr(ui, "serve", started.extend)
    ui.command.callback(home=Home(tmp_path / "home"), port=_free_port(), path_prefix="", **options)
    web = started[0]
    assert web[web.index("-h") + 1] == "127.0.0.1"
    assert ("--read-only" in web) is options["read_only"]
    assert len(started) == (1 if options["read_only"] else 2)
    assert not any(param.name in ("host", "bind") for param in ui.command.params)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_an_intake_works_where_no_network_exists(office):
    if (
        not shutil.which("unshare")
        or subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("this machine lets nobody make a network namespace (unshare -rn)")
    path = office.home.landing / "2024-03" / "a.csv"
    path.parent.mkdir()
    path.write_bytes(csv_bytes(people()))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MINZHENG_HOME": str(office.home.path)}
    program = "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 80), 1)\nexcept OSError as error:\n    print('no network', error.errno)\nimport sys; sys.argv = ['minzheng', 'intake']\nfrom minzheng.cli import main; main()"
    made = subprocess.run(
        ["unshare", "-rn", sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("no network")
    assert office.ask("select count(*) from raw.dibao_roll") == [(12,)]
